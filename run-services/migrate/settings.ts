import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings } from '#shared/service/settings.ts'

/** What the migration job reads from its environment. */
export const migrateSettings = defineSettings({
  logLevel: cloudSettings.everybody.logLevel,
  ...cloudSettings.spanner,
})
