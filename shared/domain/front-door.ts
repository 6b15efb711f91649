/** Which service answers which paths behind the one front door, longest prefix first; the gateway and the load balancer both read it. */
export const FRONT_DOOR = [
  { prefix: '/v1/', service: 'channels' },
  { prefix: '/internal/jobs/', service: 'channels' },
  { prefix: '/push/media-events--', service: 'media-events' },
  { prefix: '/push/channels--', service: 'channels' },
  { prefix: '/tasks/', service: 'channels' },
  { prefix: '/', service: 'web' },
] as const satisfies readonly { prefix: string; service: string }[]

/** The service behind a path. */
export function serviceBehind(path: string): (typeof FRONT_DOOR)[number]['service'] {
  return FRONT_DOOR.find(({ prefix }) => path.startsWith(prefix))?.service ?? 'web'
}
