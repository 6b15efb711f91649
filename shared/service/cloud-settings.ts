import { type Setting, setting } from './settings.ts'

/** What every process of a deployment reads; the names of `infra/services-environment.ts`. */
const everybody = {
  port: setting.port('PORT', 8080),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
}

/** Where on Google Cloud it runs. */
const google = {
  project: setting.text('GOOGLE_CLOUD_PROJECT'),
  region: setting.text('REGION'),
}

/** The system of record. */
const spanner = {
  project: google.project,
  instance: setting.text('SPANNER_INSTANCE'),
  database: setting.text('SPANNER_DATABASE'),
}

/** The event bus. */
const pubsub = {
  ...google,
  /** An emulator's `host:port`; empty for the region's own address, which keeps the order of a key. */
  pubsubEmulator: setting.text('PUBSUB_EMULATOR_HOST', ''),
}

/** Who may push, call tasks and work on jobs: Google accounts, known by their OIDC tokens. */
const callers = {
  /** The account that signs pushes and calls of queues. */
  pushSigner: setting.text('PUSH_SIGNER'),
  callsIssuer: setting.text('CALLS_ISSUER', 'https://accounts.google.com'),
  callsKeys: setting.url('CALLS_KEYS', 'https://www.googleapis.com/oauth2/v3/certs'),
}

/** Who people are: their bearer tokens' issuer and audience. */
const users = {
  userIssuer: setting.text('USER_ISSUER'),
  userAudience: setting.text('USER_AUDIENCE'),
}

/** Key material. */
const secrets = { secretsPrefix: setting.text('SECRETS_PREFIX') }

/** Who this service is on AWS, and how its machine says so. */
const aws = {
  awsRegion: setting.text('AWS_REGION'),
  awsRoleArn: setting.text('AWS_ROLE_ARN'),
  awsTokenAudience: setting.text('AWS_TOKEN_AUDIENCE'),
  metadataUrl: setting.url('METADATA_URL', 'http://metadata.google.internal'),
}

/** Where wake-ups go: Cloud Tasks for services, SQS for workers on Spot. */
const wakes = {
  tasksLocation: setting.text('TASKS_LOCATION'),
  tasksSigner: setting.text('TASKS_SIGNER'),
  /** The service's own address, past the front door; empty where queues call through that. */
  tasksUrl: setting.text('TASKS_URL', ''),
  queueUrls: queueUrls(),
}

const MEGA = 1_000_000

/** What instances share: counters and broadcasts in Redis or Valkey. */
const shared = {
  metadataUrl: aws.metadataUrl,
  /** Empty where the stack has no cache: each instance then counts and tells for itself. */
  redisUrl: setting.text('REDIS_URL', ''),
  /** The cache's own authorities, PEM. */
  redisCa: pem('REDIS_CA'),
  /** `google` where the cache takes access tokens of the service's account. */
  redisAuth: setting.choice('REDIS_AUTH', ['none', 'google'], 'none'),
  /** Of one person in a minute, over every instance of every service. */
  requestsPerMinute: setting.int('RATE_LIMIT', { default: 1_200, min: 1, max: MEGA, unit: 'requests/min' }),
}

const PEM_CHARACTERS_MAX = 32_768

/** Certificates; empty when absent. */
function pem(variable: string): Setting<string> {
  return {
    variable,
    accepts: 'PEM',
    fallback: '',
    parse: text => {
      if (text.length > PEM_CHARACTERS_MAX) return { complaint: `longer than ${PEM_CHARACTERS_MAX} characters` }
      return text.startsWith('-----BEGIN CERTIFICATE-----') ? { value: text } : { complaint: 'it is not PEM' }
    },
  }
}

/** Queue addresses by their names in the topology. */
function queueUrls(): Setting<Readonly<Record<string, string>>> {
  return {
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
}

/** Groups of settings that several services have in common. */
export const cloudSettings = { everybody, google, spanner, pubsub, callers, users, secrets, aws, wakes, shared }
