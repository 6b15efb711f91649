import { defineSettings, setting } from '#shared/service/settings.ts'

/** What `npm start` reads from its environment. */
export const localSettings = defineSettings({
  port: setting.port('PORT', 8080),
  mediaPort: setting.port('MEDIA_PORT', 8081),
  rtmpPort: setting.port('RTMP_PORT', 1935),
  dataDir: setting.text('DATA_DIR', './.showreel'),
  demo: setting.flag('DEMO', true),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'warn'),
  /** How many worker processes run jobs. */
  workers: setting.int('WORKERS', { default: 1, min: 0, max: 8, unit: 'processes' }),
})

/** What the control child reads; the supervisor sets it. */
export const controlSettings = defineSettings({
  port: setting.port('PORT', 8080),
  dataDir: setting.text('DATA_DIR', './.showreel'),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'warn'),
  publicUrl: setting.url('PUBLIC_URL'),
  mediaUrl: setting.url('MEDIA_URL'),
  /** The media origin, from inside. */
  originUrl: setting.url('ORIGIN_URL'),
  planeUrl: setting.url('PLANE_URL'),
  workerUrl: setting.url('WORKER_URL'),
  pagesDir: setting.text('PAGES_DIR'),
  databaseUrl: setting.text('DATABASE_URL', ''),
  /** What records, bus and wake-ups stand on. */
  on: setting.choice('ON', ['embedded', 'emulators'], 'embedded'),
  reconcileS: setting.int('RECONCILE_EVERY', { default: 15, min: 1, max: 3600, unit: 's' }),
  sweepS: setting.int('SWEEP_EVERY', { default: 60, min: 1, max: 3600, unit: 's' }),
  /** Of one person or address in a minute; everything on one machine has one address. */
  requestsPerMinute: setting.int('RATE_LIMIT', { default: 600_000, min: 1, max: 10_000_000, unit: 'requests/min' }),
  faults: setting.text('FAULTS', ''),
})

/** Where the control child finds the emulators; `on-emulators.ts` sets it. */
export const emulatedSettings = defineSettings({
  projectId: setting.text('GOOGLE_PROJECT'),
  location: setting.text('GOOGLE_LOCATION'),
  instance: setting.text('SPANNER_INSTANCE'),
  database: setting.text('SPANNER_DATABASE'),
  /** `host:port`, as the others. */
  pubsubEndpoint: setting.text('PUBSUB_ENDPOINT'),
  tasksEndpoint: setting.text('TASKS_ENDPOINT'),
  secretsEndpoint: setting.text('SECRETS_ENDPOINT'),
  redisUrl: setting.text('REDIS_URL'),
  /** In whose name wake-ups are signed. */
  account: setting.text('PUSH_ACCOUNT'),
})

/** Where objects lie when not in the data directory; `on-emulators.ts` sets it. */
export const objectsSettings = defineSettings({
  endpoint: setting.text('OBJECTS_ENDPOINT', ''),
  bucket: setting.text('OBJECTS_BUCKET', ''),
})

/** By which tokens of others than our own processes are called; without an issuer by none. */
export const callerSettings = defineSettings({
  issuer: setting.text('PUSH_ISSUER', ''),
  jwksUrl: setting.url('PUSH_JWKS_URL', 'https://www.googleapis.com/oauth2/v3/certs'),
  account: setting.text('PUSH_ACCOUNT', ''),
})

/** What the worker child reads. */
export const workerSettings = defineSettings({
  port: setting.port('PORT', 0),
  dataDir: setting.text('DATA_DIR', './.showreel'),
  controlUrl: setting.url('CONTROL_URL', 'http://127.0.0.1:8080'),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'warn'),
  /** Other workers listen on the same port. */
  shared: setting.flag('WORKER_PORT_SHARED', false),
})

/** What the demo child reads. */
export const demoSettings = defineSettings({
  dataDir: setting.text('DATA_DIR', './.showreel'),
  controlUrl: setting.url('CONTROL_URL', 'http://127.0.0.1:8080'),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'warn'),
})
