import { QUEUES, SUBSCRIPTIONS } from './topology.ts'

/** Services that the front door leads to. */
type DoorService = 'canaries' | 'channels' | 'clips' | 'feed' | 'media-events' | 'web'

const PUBLIC_API = [
  { prefix: '/v1/clips', service: 'clips' },
  { prefix: '/v1/clip-rules', service: 'clips' },
  { prefix: '/v1/review-queue', service: 'clips' },
  { prefix: '/v1/jobs', service: 'clips' },
  { prefix: '/v1/feed', service: 'feed' },
  { prefix: '/v1/search', service: 'feed' },
  { prefix: '/v1/shares', service: 'feed' },
  { prefix: '/v1/canaries', service: 'canaries' },
  { prefix: '/v1/', service: 'channels' },
] as const satisfies readonly { prefix: string; service: DoorService }[]

const PRIVATE = [
  ...SUBSCRIPTIONS.map(({ name, service }) => ({ prefix: `/push/${name}`, service })),
  ...QUEUES.map(({ kind, service }) => ({ prefix: `/tasks/${kind}`, service })),
  ...[...new Set(QUEUES.map(({ service }) => service))].map(service => ({ prefix: `/internal/${service}/`, service })),
]

/** Which service answers which paths behind the one front door, first match; the gateway and the load balancer both read it. */
export const FRONT_DOOR: readonly { prefix: string; service: DoorService }[] = [
  ...PUBLIC_API,
  ...PRIVATE,
  { prefix: '/', service: 'web' },
]

/** The service behind a path. */
export function serviceBehind(path: string): DoorService {
  return FRONT_DOOR.find(({ prefix }) => path.startsWith(prefix))?.service ?? 'web'
}
