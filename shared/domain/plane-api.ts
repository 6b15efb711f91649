import { z } from 'zod'
import { healthSample, mediaFacts, storedSegment } from './provider-event.ts'

/** The wire between the services and our own media plane; what IVS's control API is to IVS. Calls are service-signed. */
export const PLANE_PATHS = {
  channels: '/plane/channels',
  channel: '/plane/channels/:ref',
  keys: '/plane/channels/:ref/keys',
  key: '/plane/channels/:ref/keys/:keyRef',
  stream: '/plane/channels/:ref/stream',
  metadata: '/plane/channels/:ref/metadata',
  streams: '/plane/streams',
  recording: '/plane/recordings/:streamId',
  segments: '/plane/recordings/:streamId/segments',
} as const

export const planeChannelSettings = z.strictObject({
  name: z.string().max(300),
  latency_mode: z.enum(['low', 'standard']),
  dvr_window_s: z.int().min(0).max(86_400),
  /** Most renditions of a show; the best ones and the smallest are kept. */
  renditions_max: z.int().min(1).max(3).default(3),
  reconnect_window_s: z.int().min(0).max(3_600),
  record: z.boolean(),
  enabled: z.boolean(),
})
export type PlaneChannelSettings = z.infer<typeof planeChannelSettings>

/** POST channels: same token, same channel. */
export const planeCreateChannel = z.strictObject({ token: z.string().min(8).max(128), settings: planeChannelSettings })

export const planeChannel = z.object({
  ref: z.string(),
  playback_id: z.string(),
  ingest: z.object({ rtmp_url: z.string().optional(), srt_url: z.string().optional(), ws_url: z.string().optional() }),
})
export type PlaneChannel = z.infer<typeof planeChannel>

/** POST keys: same token, same key and secret. */
export const planeCreateKey = z.strictObject({ token: z.string().min(8).max(128) })
export const planeCreatedKey = z.object({ key_ref: z.string(), secret: z.string() })
/** DELETE key takes `?expires_at=` (RFC 3339) for a rotation with grace. */
export const planeDeleteKeyQuery = z.strictObject({ expires_at: z.iso.datetime().optional() })

export const planeStream = z.object({
  ref: z.string(),
  stream_id: z.string(),
  state: z.enum(['live', 'waiting']),
  epoch: z.int(),
  started_at: z.iso.datetime(),
  waiting_until: z.iso.datetime().optional(),
  protocol: z.string(),
  media: mediaFacts.optional(),
  health: healthSample.optional(),
  renditions: z.array(z.string()),
  edge_at: z.iso.datetime().optional(),
})
export type PlaneStream = z.infer<typeof planeStream>
export const planeStreams = z.object({ data: z.array(planeStream) })

/** POST metadata: JSON text of at most 1 KB. */
export const planePutMetadata = z.strictObject({ payload: z.string().min(1).max(1024) })
export const planePlacedMetadata = z.object({ placed_at: z.iso.datetime() })

export const planeRecording = z.object({
  stream_id: z.string(),
  prefix: z.string(),
  state: z.enum(['recording', 'complete']),
  segments_produced: z.int().nonnegative(),
  segments_stored: z.int().nonnegative(),
  duration_ms: z.number().nonnegative(),
})
export type PlaneRecording = z.infer<typeof planeRecording>

/** Most segments in one answer of GET segments. */
export const PLANE_SEGMENTS_MAX = 200

/** GET segments: stored segments with `seq >= from_seq`, in order, at most `PLANE_SEGMENTS_MAX`; how a lost report is made good. */
export const planeSegmentsQuery = z.strictObject({ from_seq: z.coerce.number().int().nonnegative().default(0) })
export const planeSegments = z.object({ data: z.array(storedSegment).max(PLANE_SEGMENTS_MAX) })
