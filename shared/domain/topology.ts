import type { EventType } from './domain-event.ts'

/** A topic of the event bus; `events` is what may be published on it. */
export type Topic = { name: string; events: readonly EventType[] | 'provider' }

/** One consumer of one topic; it is pushed to `/push/<name>` of its service. */
export type Subscription = {
  name: string
  topic: TopicName
  /** The service that owns the push route. */
  service: string
  /** Types the consumer handles; it filters again in code because not every bus does. */
  events: readonly EventType[] | 'all'
  ordered: boolean
  attempts: number
  ackDeadlineS: number
}

/** A queue of wake-ups; it calls `/tasks/<kind>` of its service. The job row, not the queue, is the work. */
export type Queue = {
  name: string
  kind: string
  service: string
  /** Whether a worker process or the service itself runs the job. */
  runner: 'worker' | 'service'
  /** Jobs of queues with the same name take turns in a worker process: each of them keeps its cores busy alone. */
  turns?: string
  maxPerSecond: number
  maxConcurrent: number
  attempts: number
  /** First retry delay; doubled per attempt to `backoffMaxS`, with jitter. */
  backoffMinS: number
  backoffMaxS: number
  /** How long a lease holds without a checkpoint. */
  leaseS: number
}

/** What a media plane reports of shows; the rest of `provider.*` is about encodes, objects and trouble. */
const SHOW_REPORTS = [
  'provider.stream_state',
  'provider.recording_state',
  'provider.segment_stored',
  'provider.health',
] as const

export const TOPICS = [
  { name: 'provider-events', events: 'provider' },
  {
    name: 'media-events',
    events: [...SHOW_REPORTS, 'provider.starvation', 'provider.limit', 'provider.job_state', 'provider.object_created'],
  },
  {
    name: 'streams',
    events: [
      'ingest.connected',
      'ingest.disconnected',
      'stream.started',
      'stream.reconnecting',
      'stream.resumed',
      'stream.ended',
      'stream.archived',
      'stream.failed',
      'stream.health_changed',
      'segment.finalized',
      'marker.added',
      'cue.sent',
    ],
  },
  {
    name: 'clips',
    events: [
      'clip.requested',
      'clip.playable',
      'clip.rendered',
      'clip.review_requested',
      'clip.approved',
      'clip.rejected',
      'clip.published',
      'clip.unpublished',
      'clip.updated',
      'clip.failed',
      'clip.deleted',
      'clip.shared',
    ],
  },
  { name: 'jobs', events: ['job.done', 'job.dead'] },
] as const satisfies readonly Topic[]

export type TopicName = (typeof TOPICS)[number]['name']

const DELIVERY = { ordered: true, attempts: 5, ackDeadlineS: 30 } as const

export const SUBSCRIPTIONS = [
  { name: 'media-events--provider', topic: 'provider-events', service: 'media-events', events: 'all', ...DELIVERY },
  {
    name: 'channels--media',
    topic: 'media-events',
    service: 'channels',
    events: [...SHOW_REPORTS, 'provider.object_created'],
    ...DELIVERY,
  },
  { name: 'channels--streams', topic: 'streams', service: 'channels', events: ['stream.ended'], ...DELIVERY },
  { name: 'channels--jobs', topic: 'jobs', service: 'channels', events: ['job.dead'], ...DELIVERY },
  {
    name: 'clips--streams',
    topic: 'streams',
    service: 'clips',
    events: ['segment.finalized', 'marker.added', 'cue.sent', 'stream.ended'],
    ...DELIVERY,
  },
  { name: 'clips--jobs', topic: 'jobs', service: 'clips', events: ['job.dead'], ...DELIVERY },
  {
    name: 'feed--clips',
    topic: 'clips',
    service: 'feed',
    events: ['clip.published', 'clip.unpublished', 'clip.updated', 'clip.deleted'],
    ...DELIVERY,
  },
  {
    name: 'canaries--media',
    topic: 'media-events',
    service: 'canaries',
    events: ['provider.stream_state'],
    ...DELIVERY,
  },
  { name: 'canaries--streams', topic: 'streams', service: 'canaries', events: ['stream.started'], ...DELIVERY },
] as const satisfies readonly Subscription[]

export type SubscriptionName = (typeof SUBSCRIPTIONS)[number]['name']

const SMALL_JOB = { attempts: 5, backoffMinS: 1, backoffMaxS: 60, leaseS: 30 } as const

/** Work of many seconds in a worker that may be killed at any of them. */
const LONG_JOB = { attempts: 8, backoffMinS: 1, backoffMaxS: 60, leaseS: 20 } as const

export const QUEUES = [
  {
    name: 'archive-stream',
    kind: 'archive-stream',
    service: 'channels',
    runner: 'worker',
    maxPerSecond: 5,
    maxConcurrent: 2,
    ...SMALL_JOB,
  },
  {
    name: 'close-reconnect-window',
    kind: 'close-reconnect-window',
    service: 'channels',
    runner: 'service',
    maxPerSecond: 50,
    maxConcurrent: 4,
    ...SMALL_JOB,
  },
  {
    name: 'render-clip',
    kind: 'render-clip',
    service: 'clips',
    runner: 'worker',
    turns: 'media',
    maxPerSecond: 10,
    maxConcurrent: 60,
    ...LONG_JOB,
  },
  {
    name: 'measure-stream',
    kind: 'measure-stream',
    service: 'clips',
    runner: 'worker',
    turns: 'media',
    maxPerSecond: 10,
    maxConcurrent: 20,
    ...LONG_JOB,
  },
  {
    name: 'pick-highlights',
    kind: 'pick-highlights',
    service: 'clips',
    runner: 'service',
    maxPerSecond: 20,
    maxConcurrent: 2,
    ...SMALL_JOB,
  },
  {
    name: 'cut-clip',
    kind: 'cut-clip',
    service: 'clips',
    runner: 'service',
    maxPerSecond: 20,
    maxConcurrent: 4,
    ...SMALL_JOB,
  },
  {
    name: 'promote-clip',
    kind: 'promote-clip',
    service: 'clips',
    runner: 'service',
    maxPerSecond: 50,
    maxConcurrent: 4,
    ...SMALL_JOB,
  },
  {
    name: 'purge-clip',
    kind: 'purge-clip',
    service: 'clips',
    runner: 'service',
    maxPerSecond: 20,
    maxConcurrent: 2,
    ...SMALL_JOB,
  },
] as const satisfies readonly Queue[]

export type JobKind = (typeof QUEUES)[number]['kind']

/** The topic an event type is published on. */
export function topicOf(type: EventType): TopicName {
  const topic = TOPICS.find(({ events }) => events !== 'provider' && (events as readonly EventType[]).includes(type))
  if (topic === undefined) throw new Error(`No topic carries ${type}; add it to TOPICS.`)
  return topic.name
}

/** The queue that wakes a job kind. */
export function queueOf(kind: JobKind): Queue {
  const queue = QUEUES.find(candidate => candidate.kind === kind)
  if (queue === undefined) throw new Error(`No queue wakes ${kind}; add it to QUEUES.`)
  return queue
}
