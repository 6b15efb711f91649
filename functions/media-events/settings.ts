import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings } from '#shared/service/settings.ts'

/** What the function reads from its environment. */
export const mediaEventsSettings = defineSettings({
  ...cloudSettings.everybody,
  ...cloudSettings.pubsub,
  ...cloudSettings.callers,
})
