import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'

/** What a worker on Spot reads from its environment; the names of `infra/encode.ts`. */
export const workerSettings = defineSettings({
  /** The front door, behind which the services hand out jobs. */
  publicUrl: setting.url('PUBLIC_URL'),
  region: setting.text('AWS_REGION'),
  queueUrls: cloudSettings.wakes.queueUrls,
  /** The Google account that speaks for workers, and the way to it. */
  account: setting.text('WORKER_ACCOUNT'),
  identityAudience: setting.text('WORKLOAD_IDENTITY_AUDIENCE'),
  tokenUrl: setting.url('TOKEN_URL', 'https://sts.googleapis.com/v1/token'),
  signUrl: setting.url('SIGN_URL', 'https://iamcredentials.googleapis.com'),
  /** Where the calls of the queues are made, on this machine; 0 lets the system choose. */
  port: setting.port('PORT', 0),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
})
