import { z } from 'zod'

/** The source our own media plane signs its events with; `aws.*` is reserved for AWS. */
export const PLANE_SOURCE = 'showreel.live'

const envelope = {
  version: z.literal('0'),
  id: z.string().min(1).max(128),
  source: z.literal(PLANE_SOURCE),
  account: z.string(),
  region: z.string(),
  time: z.iso.datetime(),
  /** The channel's provider reference; also the ordering key of the hand-off. */
  resources: z.tuple([z.string().min(1)]),
  /** W3C trace context of the publish that caused the event; carried end to end. */
  traceparent: z.string().optional(),
}

/** What EventBridge's envelope does not carry of an event it takes; only of events that came through it. */
const viaEventBridge = {
  report: z
    .object({ id: z.string().min(1).max(128), time: z.iso.datetime(), traceparent: z.string().optional() })
    .optional(),
}

/** Media as the publisher sends it, measured from its headers and first frames. */
export const mediaFacts = z.object({
  video: z.object({
    codec: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
    fps: z.number().positive(),
  }),
  audio: z.object({ codec: z.string(), sample_rate: z.int().positive(), channels: z.int().positive() }).nullable(),
})
export type MediaFacts = z.infer<typeof mediaFacts>

const streamState = z.object({
  ...envelope,
  'detail-type': z.literal('Stream State Change'),
  detail: z.object({
    ...viaEventBridge,
    /** Start and End are per publisher connection, as IVS reports them; Session Ended closes the reconnect window. */
    event_name: z.enum(['Stream Start', 'Stream End', 'Session Ended']),
    channel_name: z.string(),
    /** One show of the plane: every connection within a reconnect window carries the same. It is also its playback id. */
    stream_id: z.string(),
    epoch: z.int().nonnegative(),
    protocol: z.enum(['rtmp', 'srt', 'websocket']).optional(),
    media: mediaFacts.optional(),
    reason: z.string().optional(),
  }),
})

const recordingState = z.object({
  ...envelope,
  'detail-type': z.literal('Recording State Change'),
  detail: z.object({
    ...viaEventBridge,
    event_name: z.enum(['Recording Start', 'Recording End', 'Recording Start Failure', 'Recording End Failure']),
    channel_name: z.string(),
    stream_id: z.string(),
    /** Prefix of every object of the recording, e.g. `play/<stream_id>/v3/`. */
    prefix: z.string(),
    segments: z.int().nonnegative().optional(),
    duration_ms: z.int().nonnegative().optional(),
  }),
})

/** How the encoder side of a show feels, sampled by the plane. */
export const healthSample = z.object({
  level: z.enum(['good', 'fair', 'bad', 'offline']),
  /** One plain sentence for the creator. */
  sentence: z.string(),
  bitrate_kbps: z.number().nonnegative(),
  fps: z.number().nonnegative(),
  gop_s: z.number().nonnegative(),
  /** How far the newest part is behind the newest frame received, in ms. */
  lag_ms: z.number().nonnegative(),
  renditions: z.array(z.string()),
  at: z.iso.datetime(),
})
export type HealthSample = z.infer<typeof healthSample>

const streamHealth = z.object({
  ...envelope,
  'detail-type': z.literal('Stream Health Change'),
  detail: z.object({
    ...viaEventBridge,
    channel_name: z.string(),
    stream_id: z.string(),
    epoch: z.int().nonnegative(),
    health: healthSample,
  }),
})

/** One rendition of one segment, as it lies in the object store; of what the plane did not store itself the etag alone is known. */
const storedRendition = z.object({
  name: z.string(),
  uri: z.string(),
  bytes: z.int().positive(),
  sha256: z.string().length(64).optional(),
  /** Quoted, as the store tells it. */
  etag: z.string().optional(),
})
export type StoredRendition = z.infer<typeof storedRendition>

/** One segment of a show across its renditions; `seq` has no gaps within a stream. */
export const storedSegment = z.object({
  seq: z.int().nonnegative(),
  epoch: z.int().nonnegative(),
  /** Program date-time of its first frame. */
  pdt: z.iso.datetime(),
  duration_ms: z.number().positive(),
  discontinuity: z.boolean(),
  renditions: z.array(storedRendition).min(1),
})
export type StoredSegment = z.infer<typeof storedSegment>

const segmentStored = z.object({
  ...envelope,
  'detail-type': z.literal('Segment Stored'),
  detail: z.object({ ...viaEventBridge, channel_name: z.string(), stream_id: z.string(), segment: storedSegment }),
})

/** What the media plane reports, in EventBridge's envelope: at least once, best effort in order; never the only truth. */
export const providerEvent = z.discriminatedUnion('detail-type', [
  streamState,
  recordingState,
  streamHealth,
  segmentStored,
])
export type ProviderEvent = z.infer<typeof providerEvent>
export type ProviderEventOf<Type extends ProviderEvent['detail-type']> = Extract<ProviderEvent, { 'detail-type': Type }>
