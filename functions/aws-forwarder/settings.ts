import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the function reads from its environment; the names of `infra/handoff.ts`. */
export const forwarderSettings = defineSettings({
  project: setting.text('PUBSUB_PROJECT'),
  topic: setting.text('PUBSUB_TOPIC', 'provider-events'),
  /** A region's own address in a deployment: `https://us-east4-pubsub.googleapis.com`. */
  pubsubUrl: setting.url('PUBSUB_URL', 'https://pubsub.googleapis.com'),
  /** The workload identity provider; empty for an emulator, which asks nobody. */
  audience: setting.text('WORKLOAD_IDENTITY_AUDIENCE', ''),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
})
