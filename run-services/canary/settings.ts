import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the service reads from its environment in a deployment. */
export const canariesSettings = defineSettings({
  ...cloudSettings.everybody,
  ...cloudSettings.spanner,
  ...cloudSettings.callers,
  ...cloudSettings.users,
  ...cloudSettings.secrets,
  /** The stack's name. */
  stack: setting.text('STACK'),
})
