import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the service reads from its environment in a deployment. */
export const clipsSettings = defineSettings({
  ...cloudSettings.everybody,
  ...cloudSettings.spanner,
  ...cloudSettings.callers,
  ...cloudSettings.users,
  ...cloudSettings.secrets,
  ...cloudSettings.shared,
  ...cloudSettings.aws,
  ...cloudSettings.wakes,
  /** The stack's name: workers are known by it. */
  stack: setting.text('STACK'),
  /** The front door, through which queues call. */
  publicUrl: setting.url('PUBLIC_URL'),
  mediaUrl: setting.url('MEDIA_URL'),
  mediaBucket: setting.text('MEDIA_BUCKET'),
  sweepS: setting.int('SWEEP_EVERY', { default: 3600, min: 1, max: 86_400, unit: 's' }),
})
