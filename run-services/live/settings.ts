import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the live child, or one ingest task in the cloud, reads from its environment. */
export const liveSettings = defineSettings({
  /** Control API, health and metrics. */
  planePort: setting.port('PLANE_PORT', 8082),
  mediaPort: setting.port('MEDIA_PORT', 8081),
  rtmpPort: setting.port('RTMP_PORT', 1935),
  /** The encoder host of this process; 0 lets the system choose. */
  relayPort: setting.port('RELAY_PORT', 0),
  /** Where encoders are reached when they have machines of their own, on `RELAY_PORT`; empty for encoders of this process. */
  encodersHost: setting.text('ENCODERS_HOST', ''),
  /** Where publishers and viewers reach the doors and the origin. */
  host: setting.text('LIVE_HOST', '0.0.0.0'),
  /** Where the services reach the control API. */
  planeHost: setting.text('PLANE_HOST', '127.0.0.1'),
  /** What publishers are told; empty for this machine's own RTMP port. */
  rtmpUrl: setting.text('RTMP_URL', ''),
  /** Base of signed object URLs. */
  publicUrl: setting.url('PUBLIC_URL', 'http://127.0.0.1:8080'),
  /** Where provider events are pushed to. */
  eventsUrl: setting.url('EVENTS_URL', 'http://127.0.0.1:8080/push/media-events--provider'),
  dataDir: setting.text('DATA_DIR', './.showreel'),
  /** Who signs calls between services. */
  serviceIssuer: setting.text('SERVICE_ISSUER', 'showreel-local'),
  /** Name of this instance of the plane, the same after a restart. */
  owner: setting.text('PLANE_OWNER', 'live-1'),
  /** Cores the encoders may count on; 0 for all of the machine. */
  cores: setting.int('LIVE_CORES', { default: 0, min: 0, max: 512, unit: 'cores' }),
  /** Length of a part of channels with low latency. */
  partMs: setting.int('PART_MS', { default: 200, min: 100, max: 1000, unit: 'ms' }),
  account: setting.text('PLANE_ACCOUNT', 'local'),
  region: setting.text('PLANE_REGION', 'local'),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
})

export type LiveSettings = ReturnType<typeof liveSettings.read>
