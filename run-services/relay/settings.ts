import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings } from '#shared/service/settings.ts'

/** What the relay reads from its environment. */
export const relaySettings = defineSettings({
  ...cloudSettings.everybody,
  ...cloudSettings.spanner,
  ...cloudSettings.pubsub,
})
