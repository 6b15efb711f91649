import { PLANE_PATHS } from './plane-api.ts'
import { QUEUES, SUBSCRIPTIONS } from './topology.ts'

/** What a person may do; a token carries any number of them. `canary`: nobody in person, but the synthetic shows. */
export const ROLES = ['viewer', 'creator', 'moderator', 'admin', 'canary'] as const
export type Role = (typeof ROLES)[number]

/** Who may call one route, and what it may be sent. */
export type RoutePolicy = {
  /** `public`: anyone; `service`: a signed call of one of our services; roles: a user that has one of them. */
  allow: 'public' | 'service' | readonly Role[]
  /** Public routes only: a bearer token, when sent, must be good and names the caller. */
  identify?: true
  /** Service routes only: the audience the caller signs for; the app's own name when absent. */
  audience?: string
  /** Largest body in bytes; `stream` leaves the body to the handler, which bounds it itself. */
  body?: number | 'stream'
}

/** Largest JSON body of a public route, in bytes. */
export const BODY_BYTES_MAX = 65_536
/** Largest push: a bus message of 1 MB in base64 with its envelope, in bytes. */
const PUSH_BYTES_MAX = 1_500_000
/** Largest checkpoint or result a worker reports, in bytes. */
const JOB_BYTES_MAX = 262_144

const ANYONE = { allow: 'public' } as const
/** Readable without a token; with one, the answer may show more. */
const READERS = { allow: 'public', identify: true } as const
const CREATORS = { allow: ['creator', 'admin'] } as const
const PEOPLE = { allow: ['viewer', 'creator', 'moderator', 'admin'] } as const
const REVIEWERS = { allow: ['creator', 'moderator', 'admin'] } as const
const CANARIES = { allow: ['canary', 'admin'] } as const
const PLANE = { allow: 'service', audience: 'live' } as const
const JOB_CALL = { allow: 'service', body: JOB_BYTES_MAX } as const

const PUBLIC_API: Readonly<Record<string, RoutePolicy>> = {
  'GET /v1/me': PEOPLE,
  'PATCH /v1/me': PEOPLE,
  'POST /v1/channels': CREATORS,
  'GET /v1/channels': CREATORS,
  'GET /v1/channels/:id': READERS,
  'PATCH /v1/channels/:id': CREATORS,
  'POST /v1/channels/:id/stream-keys': CREATORS,
  'GET /v1/channels/:id/stream-keys': CREATORS,
  'POST /v1/channels/:id/stream-keys/:key/rotate': CREATORS,
  'DELETE /v1/channels/:id/stream-keys/:key': CREATORS,
  'GET /v1/streams': READERS,
  'GET /v1/streams/:id': READERS,
  'PUT /v1/streams/:id/complete': CREATORS,
  'GET /v1/streams/:id/health': CREATORS,
  'GET /v1/streams/:id/ledger': CREATORS,
  'GET /v1/streams/:id/timeline': READERS,
  'POST /v1/streams/:id/cues': CREATORS,
  'POST /v1/streams/:id/markers': CREATORS,
  'GET /v1/streams/:id/markers': READERS,
  'POST /v1/playback-tokens': CREATORS,
  'POST /v1/clips': PEOPLE,
  'GET /v1/clips': READERS,
  'GET /v1/clips/:id': READERS,
  'PATCH /v1/clips/:id': PEOPLE,
  'DELETE /v1/clips/:id': PEOPLE,
  'GET /v1/clips/:id/explain': READERS,
  'GET /v1/clips/:id/events': READERS,
  'POST /v1/clips/:id/publish': PEOPLE,
  'POST /v1/clips/:id/unpublish': PEOPLE,
  'POST /v1/clips/:id/reviews': REVIEWERS,
  'GET /v1/review-queue': REVIEWERS,
  'GET /v1/clip-rules': CREATORS,
  'PUT /v1/clip-rules': CREATORS,
  'POST /v1/clip-rules:simulate': CREATORS,
  'GET /v1/feed': READERS,
  'GET /v1/search': READERS,
  'GET /v1/feed/related': READERS,
  'POST /v1/shares': PEOPLE,
  'GET /v1/shares/:id': READERS,
  'POST /v1/shares/:id/visits': PEOPLE,
  'GET /v1/jobs': CREATORS,
  'GET /v1/jobs/:id': CREATORS,
  'POST /v1/jobs/:id/retry': CREATORS,
  'GET /v1/canaries': CANARIES,
  'POST /v1/canaries': CANARIES,
  'GET /v1/canaries/:id': CANARIES,
  'PUT /v1/canaries/:id': CANARIES,
}

const OPERATIONS: Readonly<Record<string, RoutePolicy>> = {
  'GET /healthz': ANYONE,
  'GET /readyz': ANYONE,
  'GET /metrics': ANYONE,
  'GET /openapi.json': ANYONE,
  'GET /docs': ANYONE,
  'GET /docs/:file': ANYONE,
  'POST /dev/token': ANYONE,
  'GET /.well-known/jwks.json': ANYONE,
  'GET /.well-known/openid-configuration': ANYONE,
  // The signature in the URL is the permission.
  'GET /objects/*': ANYONE,
  'PUT /objects/*': { allow: 'public', body: 'stream' },
  // Media: the path token, where a playback id asks for one, is the permission.
  'GET /live/*': ANYONE,
  'GET /play/*': ANYONE,
}

const PRIVATE: Readonly<Record<string, RoutePolicy>> = {
  [`POST ${PLANE_PATHS.channels}`]: PLANE,
  [`GET ${PLANE_PATHS.channel}`]: PLANE,
  [`PUT ${PLANE_PATHS.channel}`]: PLANE,
  [`PATCH ${PLANE_PATHS.channel}`]: PLANE,
  [`DELETE ${PLANE_PATHS.channel}`]: PLANE,
  [`POST ${PLANE_PATHS.keys}`]: PLANE,
  [`DELETE ${PLANE_PATHS.key}`]: PLANE,
  [`GET ${PLANE_PATHS.stream}`]: PLANE,
  [`DELETE ${PLANE_PATHS.stream}`]: PLANE,
  [`POST ${PLANE_PATHS.metadata}`]: PLANE,
  [`GET ${PLANE_PATHS.streams}`]: PLANE,
  [`GET ${PLANE_PATHS.recording}`]: PLANE,
  [`GET ${PLANE_PATHS.segments}`]: PLANE,
}

const PUSHES = SUBSCRIPTIONS.map(
  ({ name, service }) => [`POST /push/${name}`, { allow: 'service', audience: service, body: PUSH_BYTES_MAX }] as const,
)
const TASKS = QUEUES.map(
  ({ kind, service }) => [`POST /tasks/${kind}`, { allow: 'service', audience: service }] as const,
)

const JOB_CALLS = [...new Set(QUEUES.map(({ service }) => service))].flatMap(service =>
  ['lease', 'checkpoint', 'finish', 'fail'].map(
    verb => [`POST /internal/${service}/jobs/:id/${verb}`, { ...JOB_CALL, audience: service }] as const,
  ),
)

/** Every route of every app as `METHOD /path`, and who may call it. A route that is not here cannot be served. */
export const ROUTE_POLICY: Readonly<Record<string, RoutePolicy>> = {
  ...PUBLIC_API,
  ...OPERATIONS,
  ...PRIVATE,
  ...Object.fromEntries(PUSHES),
  ...Object.fromEntries(TASKS),
  ...Object.fromEntries(JOB_CALLS),
}
