import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'

const SECONDS = { unit: 's' } as const

/** What one synthetic show reads from its environment. */
export const syntheticShowSettings = defineSettings({
  logLevel: cloudSettings.everybody.logLevel,
  /** The API; pages and API share a front door. */
  publicUrl: setting.url('PUBLIC_URL'),
  /** Where it runs: the route of its runs. */
  region: setting.text('REGION', 'local'),
  plane: setting.choice('MEDIA_PLANE', ['selfhost', 'ivs'], 'selfhost'),
  userAudience: setting.text('USER_AUDIENCE', 'showreel'),
  metadataUrl: setting.url('METADATA_URL', 'http://metadata.google.internal'),
  /** Good for its whole length; empty where the machine says who it is. */
  token: setting.text('CANARY_TOKEN', ''),
  /** How long it is published, in s; the clip is rendered meanwhile or after. */
  showS: setting.int('CANARY_SHOW_S', { default: 20, min: 12, max: 300, ...SECONDS }),
  /** Longest from its first to its last hop, in s. */
  withinS: setting.int('CANARY_WITHIN_S', { default: 300, min: 15, max: 600, ...SECONDS }),
})
