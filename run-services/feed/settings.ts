import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the service reads from its environment in a deployment. */
export const feedSettings = defineSettings({
  ...cloudSettings.everybody,
  ...cloudSettings.spanner,
  ...cloudSettings.callers,
  ...cloudSettings.users,
  ...cloudSettings.secrets,
  ...cloudSettings.shared,
  /** The stack's name. */
  stack: setting.text('STACK'),
  /** Where people open pages; every shared link begins with it. */
  publicUrl: setting.url('PUBLIC_URL'),
  mediaUrl: setting.url('MEDIA_URL'),
})
