import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the relay reads from its environment. */
export const relaySettings = defineSettings({
  /** Health and metrics. */
  port: setting.port('PORT', 8080),
  project: setting.text('GOOGLE_CLOUD_PROJECT'),
  region: setting.text('REGION'),
  instance: setting.text('SPANNER_INSTANCE'),
  database: setting.text('SPANNER_DATABASE'),
  /** An emulator's `host:port`; empty for the region's own address, which keeps the order of a key. */
  pubsubEmulator: setting.text('PUBSUB_EMULATOR_HOST', ''),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
})
