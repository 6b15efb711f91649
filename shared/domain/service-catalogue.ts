import { TOPICS, type TopicName } from './topology.ts'

/** What a service may do outside itself; each word becomes the narrowest grants that allow it. */
export type Use =
  /** Read and write the system of record. */
  | 'database'
  /** Wake jobs of its own kinds. */
  | 'wake'
  /** Read and write the product's media objects. */
  | 'objects'
  /** Drive channels and keys on the media plane. */
  | 'live-channels'
  /** Ask for VOD encodes. */
  | 'transcode'
  /** Rate limits and broadcasts that instances share. */
  | 'counters'
  /** Ask the language model. */
  | 'language-model'
  /** Write to and read from the warehouse. */
  | 'warehouse'

/**
 * Where a row runs in the clouds: `service` answers HTTP, `pool` only works, `job` runs and ends, `plane` is the media
 * plane's own machines, `worker` runs jobs handed out by a queue.
 */
type ServiceKind = 'service' | 'pool' | 'job' | 'plane' | 'worker'

/** Instances kept, and the most there may be. */
type Instances = { min: number; max: number }

/** One deployable of the product. */
export type ServiceRow = {
  name: string
  kind: ServiceKind
  /** Which of the two images it starts from: `media` has ffmpeg and the sandbox. */
  image: 'app' | 'media'
  /** The file Node starts. */
  entry: string
  /** Behind the front door, reachable by people. */
  public: boolean
  /** Also runs in the second region, near its viewers. */
  everyRegion: boolean
  cpu: number
  memoryMiB: number
  /** Requests one instance answers at a time. */
  concurrency: number
  /** Longest request or run, in seconds. */
  timeoutS: number
  instances: { dev: Instances; prod: Instances }
  uses: readonly Use[]
  /** Topics it publishes to; only relay, media-events and insights may have any. */
  publishes: readonly TopicName[]
  /** Key material it reads. */
  secrets: readonly string[]
}

const HTTP = {
  kind: 'service',
  image: 'app',
  everyRegion: false,
  cpu: 1,
  memoryMiB: 512,
  concurrency: 80,
  timeoutS: 60,
  publishes: [],
} as const

const DOMAIN_TOPICS = TOPICS.filter(({ events }) => events !== 'provider')
  .map(({ name }) => name)
  .filter(name => name !== 'media-events')

/** Everything that is deployed, one row each. A folder of run-services/ or functions/ without a row is not deployable. */
export const SERVICES: readonly ServiceRow[] = [
  {
    ...HTTP,
    name: 'channels',
    entry: 'run-services/channels/main.ts',
    public: true,
    instances: { dev: { min: 0, max: 2 }, prod: { min: 2, max: 40 } },
    uses: ['database', 'wake', 'objects', 'live-channels', 'counters'],
    // `playback-signing`: private half of the pair that IVS checks playback tokens against, PKCS #8 in PEM.
    secrets: ['cursors', 'sealing', 'stream-keys', 'service-calls', 'playback-tokens', 'playback-signing'],
  },
  {
    ...HTTP,
    name: 'clips',
    entry: 'run-services/clips/main.ts',
    public: true,
    // A cut holds up to 45 MB of media in memory, four at a time.
    memoryMiB: 1_024,
    concurrency: 40,
    instances: { dev: { min: 0, max: 2 }, prod: { min: 2, max: 40 } },
    uses: ['database', 'wake', 'objects', 'counters'],
    secrets: ['cursors', 'sealing', 'service-calls'],
  },
  {
    ...HTTP,
    name: 'feed',
    entry: 'run-services/feed/main.ts',
    public: true,
    instances: { dev: { min: 0, max: 2 }, prod: { min: 2, max: 40 } },
    uses: ['database', 'counters'],
    secrets: ['cursors', 'sealing', 'service-calls'],
  },
  {
    ...HTTP,
    name: 'canaries',
    entry: 'run-services/canary/main.ts',
    public: true,
    instances: { dev: { min: 0, max: 1 }, prod: { min: 0, max: 4 } },
    uses: ['database'],
    secrets: ['cursors', 'service-calls'],
  },
  {
    ...HTTP,
    name: 'media-events',
    entry: 'functions/media-events/main.ts',
    public: false,
    instances: { dev: { min: 0, max: 2 }, prod: { min: 1, max: 20 } },
    uses: [],
    publishes: ['media-events'],
    secrets: [],
  },
  {
    ...HTTP,
    name: 'relay',
    kind: 'pool',
    entry: 'run-services/relay/main.ts',
    public: false,
    // One reader of the change stream; a second would only publish everything twice.
    instances: { dev: { min: 0, max: 1 }, prod: { min: 1, max: 1 } },
    uses: ['database'],
    publishes: DOMAIN_TOPICS,
    secrets: [],
  },
  {
    ...HTTP,
    name: 'web',
    entry: 'run-services/web/main.ts',
    public: true,
    everyRegion: true,
    instances: { dev: { min: 0, max: 2 }, prod: { min: 1, max: 40 } },
    uses: [],
    secrets: ['service-calls'],
  },
  {
    ...HTTP,
    name: 'live',
    kind: 'plane',
    image: 'media',
    entry: 'run-services/live/main.ts',
    public: false,
    everyRegion: true,
    cpu: 2,
    memoryMiB: 3_584,
    instances: { dev: { min: 1, max: 2 }, prod: { min: 2, max: 20 } },
    uses: ['objects'],
    // It takes calls by Google's tokens and makes none: what it holds opens nothing but its own doors.
    secrets: ['stream-keys', 'playback-tokens'],
  },
  {
    ...HTTP,
    name: 'encoder',
    kind: 'plane',
    image: 'media',
    entry: 'run-services/live/worker.ts',
    public: false,
    everyRegion: true,
    cpu: 2,
    memoryMiB: 3_072,
    // It parses what strangers send: no credentials of any kind.
    instances: { dev: { min: 1, max: 4 }, prod: { min: 2, max: 60 } },
    uses: [],
    secrets: [],
  },
  {
    ...HTTP,
    name: 'worker',
    kind: 'worker',
    image: 'media',
    entry: 'run-services/worker/main.ts',
    public: false,
    cpu: 2,
    memoryMiB: 3_584,
    timeoutS: 3_600,
    // Signed object URLs come with each job: a worker has no credentials of its own for media or data.
    instances: { dev: { min: 0, max: 4 }, prod: { min: 0, max: 60 } },
    uses: [],
    secrets: [],
  },
  {
    ...HTTP,
    name: 'migrate',
    kind: 'job',
    entry: 'run-services/migrate/main.ts',
    public: false,
    timeoutS: 1_800,
    instances: { dev: { min: 0, max: 1 }, prod: { min: 0, max: 1 } },
    uses: ['database'],
    secrets: [],
  },
  {
    ...HTTP,
    name: 'canary',
    kind: 'job',
    image: 'media',
    entry: 'run-services/canary/show/main.ts',
    public: false,
    everyRegion: true,
    cpu: 2,
    memoryMiB: 2_048,
    timeoutS: 600,
    instances: { dev: { min: 0, max: 1 }, prod: { min: 0, max: 1 } },
    uses: [],
    secrets: [],
  },
]
