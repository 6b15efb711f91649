import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'
import type { PeerAddress } from './plane/channel-leases.ts'

/** Where an encoder host, or a plane's own, takes sources; 0 lets the system choose. */
const relayPort = 'RELAY_PORT'
/** Cores the encoders may count on; 0 for all of the machine. */
const cores = setting.int('LIVE_CORES', { default: 0, min: 0, max: 512, unit: 'cores' })

/** What the plane reads in either form. */
const everywhere = {
  /** Control API, health and metrics. */
  planePort: setting.port('PLANE_PORT', 8082),
  mediaPort: setting.port('MEDIA_PORT', 8081),
  rtmpPort: setting.port('RTMP_PORT', 1935),
  relayPort: setting.port(relayPort, 0),
  /** Where encoders are reached when they have machines of their own, on `RELAY_PORT`; empty for encoders of this process. */
  encodersHost: setting.text('ENCODERS_HOST', ''),
  /** Where publishers and viewers reach the doors and the origin. */
  host: setting.text('LIVE_HOST', '0.0.0.0'),
  cores,
}

/** What the live child of one machine reads from its environment. */
export const localLiveSettings = defineSettings({
  ...everywhere,
  /** Where the services reach the control API. */
  planeHost: setting.text('PLANE_HOST', '127.0.0.1'),
  /** What publishers are told; empty for this machine's own RTMP port. */
  rtmpUrl: setting.text('RTMP_URL', ''),
  /** Length of a part of channels with low latency. */
  partMs: setting.int('PART_MS', { default: 200, min: 100, max: 1000, unit: 'ms' }),
  /** Base of signed object URLs. */
  publicUrl: setting.url('PUBLIC_URL', 'http://127.0.0.1:8080'),
  /** Where provider events are pushed to. */
  eventsUrl: setting.url('EVENTS_URL', 'http://127.0.0.1:8080/push/media-events--provider'),
  dataDir: setting.text('DATA_DIR', './.showreel'),
  /** Who signs calls between services. */
  serviceIssuer: setting.text('SERVICE_ISSUER', 'showreel-local'),
  /** Name of this instance of the plane, the same after a restart. */
  owner: setting.text('PLANE_OWNER', 'live-1'),
  account: setting.text('PLANE_ACCOUNT', 'local'),
  region: setting.text('PLANE_REGION', 'local'),
  logLevel: setting.choice('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
})

/** What one ingest task on AWS reads from its environment; the names of `infra/ingest.ts`. */
export const liveSettings = defineSettings({
  ...everywhere,
  planeHost: setting.text('PLANE_HOST', '0.0.0.0'),
  rtmpUrl: setting.text('RTMP_URL'),
  partMs: setting.int('PART_MS', { default: 500, min: 100, max: 1000, unit: 'ms' }),
  account: setting.text('PLANE_ACCOUNT'),
  region: setting.text('AWS_REGION'),
  mediaBucket: setting.text('MEDIA_BUCKET'),
  /** Says which ECS task this is; ECS itself sets it. */
  taskMetadata: setting.url('ECS_CONTAINER_METADATA_URI_V4'),
  stack: setting.text('STACK'),
  project: setting.text('GOOGLE_CLOUD_PROJECT'),
  /** Key material, and the way of this task's role to it. */
  ...cloudSettings.secrets,
  identityAudience: setting.text('WORKLOAD_IDENTITY_AUDIENCE'),
  tokenUrl: setting.url('TOKEN_URL', 'https://sts.googleapis.com/v1/token'),
  /** Where metrics go, and the region of Google's that they are kept in. */
  metricsUrl: setting.url('METRICS_URL', 'https://monitoring.googleapis.com'),
  metricsRegion: cloudSettings.google.region,
  /** Who may drive channels: the account of the service `channels`, known by its Google tokens. */
  callsIssuer: cloudSettings.callers.callsIssuer,
  callsKeys: cloudSettings.callers.callsKeys,
  logLevel: cloudSettings.everybody.logLevel,
})

/** What an encoder on a machine of its own reads; the names of `infra/ingest-encoders.ts`. */
export const encoderSettings = defineSettings({
  relayPort: setting.port(relayPort),
  host: setting.text('LIVE_HOST', '0.0.0.0'),
  cores,
  logLevel: cloudSettings.everybody.logLevel,
})

type OfOneMachine = 'publicUrl' | 'eventsUrl' | 'dataDir' | 'serviceIssuer' | 'logLevel'

/** What the plane itself goes by, in either form. */
export type LiveSettings = Omit<ReturnType<typeof localLiveSettings.read>, OfOneMachine> & {
  /** Where other instances reach this one; absent where there are none. */
  address?: PeerAddress
}
