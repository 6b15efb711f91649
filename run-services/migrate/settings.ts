import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the migration job reads from its environment. */
export const migrateSettings = defineSettings({
  project: setting.text('GOOGLE_CLOUD_PROJECT'),
  instance: setting.text('SPANNER_INSTANCE'),
  database: setting.text('SPANNER_DATABASE'),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
})
