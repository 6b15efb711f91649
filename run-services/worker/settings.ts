import { defineSettings, type Setting, setting } from '#shared/service/settings.ts'

/** Queue addresses by name, as the deployment tells them. */
const queueUrls: Setting<Readonly<Record<string, string>>> = {
  variable: 'WAKE_QUEUES',
  accepts: '{"<queue>":"<url>"}',
  fallback: undefined,
  parse: text => {
    try {
      const value: unknown = JSON.parse(text)
      const entries = Object.entries(typeof value === 'object' && value !== null ? value : {})
      const wrong = entries.find(([, url]) => typeof url !== 'string' || URL.parse(url) === null)
      if (wrong !== undefined) return { complaint: `${wrong[0]} is no URL` }
      return { value: Object.fromEntries(entries) as Record<string, string> }
    } catch {
      return { complaint: 'it is not JSON' }
    }
  },
}

/** What a worker on Spot reads from its environment; the names of `infra/encode.ts`. */
export const workerSettings = defineSettings({
  /** The front door, behind which the services hand out jobs. */
  publicUrl: setting.url('PUBLIC_URL'),
  region: setting.text('AWS_REGION'),
  queueUrls,
  /** The Google account that speaks for workers, and the way to it. */
  account: setting.text('WORKER_ACCOUNT'),
  identityAudience: setting.text('WORKLOAD_IDENTITY_AUDIENCE'),
  tokenUrl: setting.url('TOKEN_URL', 'https://sts.googleapis.com/v1/token'),
  signUrl: setting.url('SIGN_URL', 'https://iamcredentials.googleapis.com'),
  /** Where the calls of the queues are made, on this machine; 0 lets the system choose. */
  port: setting.port('PORT', 0),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
})
