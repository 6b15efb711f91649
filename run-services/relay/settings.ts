import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the relay reads from its environment. */
export const relaySettings = defineSettings({
  port: setting.port('PORT', 8080),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
  faults: setting.text('FAULTS', ''),
})
