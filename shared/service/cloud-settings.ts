import { setting } from './settings.ts'

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

/** Groups of settings that several services have in common. */
export const cloudSettings = { everybody, google, spanner, pubsub, callers }
