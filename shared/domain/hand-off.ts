/** Attributes of a message on its way from AWS to our bus; what every hop adds to the event itself. */
export const HAND_OFF_ATTRIBUTES = {
  /** EventBridge's id: the same however often the event is handed on. */
  eventId: 'event_id',
  source: 'source',
  type: 'type',
  /** When the queue took it, in ms since the epoch. */
  queuedAt: 'queued_at_ms',
  /** When it was handed on, in ms since the epoch. */
  forwardedAt: 'forwarded_at_ms',
} as const

/** What decides an event's order: its envelope, and where the detail says whose object or job it is. */
export type HandOffSubject = {
  source: string
  account: string
  region: string
  resources: readonly string[]
  detail: unknown
}

const RECORDING_KEY = /^ivs\/v1\/(\d+)\/([^/]+)\//

/**
 * The key under which an event keeps its order, from its source alone; pure.
 *
 * Everything of one channel has one key, its reference: also the objects that IVS records for it. A job is its own key,
 * any other object its bucket's.
 */
export function handOffKey({ source, region, resources, detail }: HandOffSubject): string {
  const [resource = source] = resources
  if (source === 'aws.s3') return recordedChannel(region, textAt(detail, 'object', 'key')) ?? resource
  if (source === 'aws.mediaconvert') return textAt(detail, 'jobId') || resource
  return resource
}

/** The channel whose recording the key lies in; IVS records within its own region. Undefined for other objects. */
export function recordedChannel(region: string, key: string): string | undefined {
  const match = RECORDING_KEY.exec(key)
  return match === null ? undefined : `arn:aws:ivs:${region}:${match[1]}:channel/${match[2]}`
}

function textAt(value: unknown, ...path: readonly string[]): string {
  let at = value
  for (const name of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined
  return typeof at === 'string' ? at : ''
}
