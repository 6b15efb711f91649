import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the service can be told from outside. */
export const channelsSettings = defineSettings({
  /** Where viewers fetch media; every playback URL begins with it. */
  mediaUrl: setting.url('MEDIA_URL', 'http://localhost:8081'),
  reconcileS: setting.int('RECONCILE_EVERY', { default: 15, min: 1, max: 3600, unit: 's' }),
})

export type ChannelsSettings = ReturnType<typeof channelsSettings.read>
