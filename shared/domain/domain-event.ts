import { z } from 'zod'
import { CLIP_ORIGINS, clipRendition } from './clip.ts'
import { healthSample, mediaFacts, storedSegment } from './provider-event.ts'

const streamFacts = {
  stream_id: z.string(),
  creator_id: z.string(),
  channel_id: z.string(),
  playback_id: z.string(),
  epoch: z.int().nonnegative(),
}

const clipFacts = {
  clip_id: z.string(),
  creator_id: z.string(),
  /** The show it was cut from. */
  stream_id: z.string(),
}

const clipWords = { title: z.string(), tags: z.array(z.string()) }

const rawFacts = {
  /** Id of the raw provider event, for the audit trail. */
  raw_id: z.string(),
  provider_time: z.iso.datetime(),
}

const providerFacts = { channel_ref: z.string(), provider_stream_id: z.string(), ...rawFacts }

/** The data of every event type, by type. A type is added here, nowhere else. */
export const EVENT_DATA = {
  'provider.stream_state': z.object({
    ...providerFacts,
    change: z.enum(['started', 'stopped', 'session-ended']),
    epoch: z.int().nonnegative(),
    protocol: z.string().optional(),
    media: mediaFacts.optional(),
    reason: z.string().optional(),
  }),
  'provider.recording_state': z.object({
    ...providerFacts,
    change: z.enum(['started', 'ended', 'failed']),
    prefix: z.string(),
    segments: z.int().nonnegative().optional(),
    duration_ms: z.int().nonnegative().optional(),
  }),
  'provider.segment_stored': z.object({ ...providerFacts, segment: storedSegment }),
  'provider.health': z.object({ ...providerFacts, epoch: z.int().nonnegative(), health: healthSample }),
  /** The encoder behind the show gets too little media to work with, or enough again. */
  'provider.starvation': z.object({ ...providerFacts, starving: z.boolean() }),
  /** A publisher exceeds what the provider takes. */
  'provider.limit': z.object({
    ...rawFacts,
    channel_ref: z.string(),
    provider_stream_id: z.string().optional(),
    limit: z.string(),
    value: z.number(),
    exceeded_by: z.number(),
    unit: z.string().optional(),
  }),
  'provider.job_state': z.object({
    ...rawFacts,
    provider_job_id: z.string(),
    /** The job of ours it runs for, as it was named when it was asked for. */
    job_id: z.string().optional(),
    state: z.enum(['submitted', 'progressing', 'done', 'failed', 'canceled']),
    percent: z.number().min(0).max(100).optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
  'provider.object_created': z.object({
    ...rawFacts,
    /** The channel whose recording it belongs to, when it lies in one. */
    channel_ref: z.string().optional(),
    bucket: z.string(),
    key: z.string(),
    bytes: z.number().nonnegative(),
    etag: z.string(),
  }),
  'ingest.connected': z.object({ ...streamFacts, protocol: z.string(), media: mediaFacts.optional() }),
  'ingest.disconnected': z.object({ ...streamFacts, reason: z.string() }),
  'stream.started': z.object({ ...streamFacts, title: z.string(), started_at: z.iso.datetime() }),
  'stream.reconnecting': z.object({ ...streamFacts, until: z.iso.datetime() }),
  'stream.resumed': z.object({ ...streamFacts }),
  'stream.ended': z.object({
    ...streamFacts,
    ended_at: z.iso.datetime(),
    duration_ms: z.number().nonnegative(),
    reason: z.string(),
  }),
  'stream.archived': z.object({ ...streamFacts, segments: z.int().nonnegative() }),
  'stream.failed': z.object({ ...streamFacts, reason: z.string() }),
  'stream.health_changed': z.object({ ...streamFacts, health: healthSample }),
  'segment.finalized': z.object({ ...streamFacts, segment: storedSegment }),
  'marker.added': z.object({
    ...streamFacts,
    marker_id: z.string(),
    kind: z.string(),
    at_ms: z.number().nonnegative(),
    note: z.string().optional(),
  }),
  'cue.sent': z.object({ ...streamFacts, cue_id: z.string(), at_ms: z.number().nonnegative(), payload: z.json() }),
  'clip.requested': z.object({
    ...clipFacts,
    origin: z.enum(CLIP_ORIGINS),
    /** Milliseconds since the start of the show, by wall clock. */
    start_ms: z.number(),
    end_ms: z.number(),
    reasons: z.array(z.string()),
  }),
  'clip.playable': z.object({
    ...clipFacts,
    playback_id: z.string(),
    duration_ms: z.number(),
    /** Of the range asked for, what the recording does not have. */
    missing_ms: z.number(),
  }),
  'clip.rendered': z.object({ ...clipFacts, playback_id: z.string(), renditions: z.array(clipRendition) }),
  'clip.review_requested': z.object({ ...clipFacts }),
  'clip.approved': z.object({ ...clipFacts, review_id: z.string(), reviewer: z.string() }),
  'clip.rejected': z.object({ ...clipFacts, review_id: z.string(), reviewer: z.string(), reason: z.string() }),
  'clip.published': z.object({
    ...clipFacts,
    ...clipWords,
    playback_id: z.string(),
    published_at: z.iso.datetime(),
    /** Place in the feed; fixed for as long as it is published. */
    feed_rank: z.number(),
  }),
  'clip.unpublished': z.object({ ...clipFacts }),
  'clip.updated': z.object({ ...clipFacts, ...clipWords }),
  'clip.failed': z.object({ ...clipFacts, reason: z.string() }),
  'clip.deleted': z.object({ ...clipFacts, playback_id: z.string() }),
  'clip.shared': z.object({ ...clipFacts, share_id: z.string(), at_ms: z.number().nonnegative() }),
  'job.done': z.object({ job_id: z.string(), kind: z.string(), subject_id: z.string(), attempt: z.int() }),
  'job.dead': z.object({ job_id: z.string(), kind: z.string(), subject_id: z.string(), error: z.string() }),
} as const satisfies Record<string, z.ZodType>

export type EventType = keyof typeof EVENT_DATA
export type EventData<Type extends EventType> = z.infer<(typeof EVENT_DATA)[Type]>

const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  /** The service whose commit made the event, e.g. `channels`. */
  source: z.string(),
  type: z.enum(Object.keys(EVENT_DATA) as [EventType, ...EventType[]]),
  /** The aggregate it is about; its events are ordered. */
  subject: z.string(),
  time: z.iso.datetime(),
  dataschema: z.string(),
  /** Gap-free per (source, subject), from the same commit; 0 for provider events, which have none. */
  sequence: z.int().nonnegative(),
  partitionkey: z.string(),
  epoch: z.int().nonnegative().optional(),
  mediatime: z.iso.datetime().optional(),
  traceparent: z.string().optional(),
  causationid: z.string().optional(),
  class: z.enum(['real', 'canary', 'replay']),
  data: z.unknown(),
})

type Envelope = Omit<z.infer<typeof envelope>, 'type' | 'data'>

/** An event of one type: CloudEvents 1.0 with our extensions. */
export type EventOf<Type extends EventType> = Envelope & { type: Type; data: EventData<Type> }
/** Any event; narrow on `type`. */
export type DomainEvent = { [Type in EventType]: EventOf<Type> }[EventType]

/** Reads an event off the wire; throws ZodError when the envelope or the data of its type does not fit. */
export function parseEvent(value: unknown): DomainEvent {
  const event = envelope.parse(value)
  return { ...event, data: EVENT_DATA[event.type].parse(event.data) } as DomainEvent
}
