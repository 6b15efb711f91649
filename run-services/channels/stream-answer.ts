import { z } from '@hono/zod-openapi'
import { healthSample, mediaFacts } from '#shared/domain/provider-event.ts'
import { creatorRef, instant, playback, textLine } from '#shared/service/answer-parts.ts'

/** Largest cue, in bytes of its JSON text. */
export const CUE_BYTES_MAX = 1024
/** Latest marker, in ms from the start: one week. */
const MARKER_AT_MS_MAX = 604_800_000

export const STREAM_STATES = ['connecting', 'live', 'reconnecting', 'ended', 'archiving', 'archived', 'failed'] as const

/** One broadcast: while on air and afterwards. */
export const streamAnswer = z
  .object({
    id: z.string(),
    channel_id: z.string(),
    creator: creatorRef,
    title: z.string(),
    state: z.enum(STREAM_STATES),
    epoch: z.int(),
    playback,
    started_at: instant.nullable(),
    ended_at: instant.nullable(),
    duration_ms: z.number().nullable(),
    /** While `reconnecting`: when it ends unless the publisher is back. */
    reconnect_until: instant.nullable(),
    media: mediaFacts.nullable(),
    health_level: z.enum(['good', 'fair', 'bad', 'offline']).nullable(),
    /** Why it ended or failed, as a word. */
    reason: z.string().nullable(),
    /** After the archive was verified: what it holds and what of it was lost. */
    archive: z.object({ segments: z.int(), lost: z.array(z.int()) }).nullable(),
  })
  .openapi('Stream')
export type StreamAnswer = z.infer<typeof streamAnswer>

/** `live` includes shows that wait for their publisher; `ended` every show that is over. */
export const streamsQuery = z.strictObject({
  state: z.enum(['live', 'ended']).optional(),
  channel: z.string().max(64).optional(),
})
export type StreamsQuery = z.infer<typeof streamsQuery>

/** `current` is null before the first sample; `recent` is oldest first and bounded. */
export const streamHealthAnswer = z
  .object({
    stream_id: z.string(),
    state: z.enum(STREAM_STATES),
    current: healthSample.nullable(),
    recent: z.array(healthSample),
  })
  .openapi('StreamHealth')
export type StreamHealthAnswer = z.infer<typeof streamHealthAnswer>

/** Conservation of segments: closed by the packager = stored as objects = indexed as rows, when `off` is 0. */
export const streamLedgerAnswer = z
  .object({
    stream_id: z.string(),
    produced: z.int(),
    stored: z.int(),
    indexed: z.int(),
    off: z.int(),
    /** Sequence numbers without a row, oldest first, bounded. */
    missing: z.array(z.int()),
    duration_ms: z.number(),
    complete: z.boolean(),
  })
  .openapi('StreamLedger')
export type StreamLedgerAnswer = z.infer<typeof streamLedgerAnswer>

/** One event of the show's life, as it went out. */
export const timelineItem = z
  .object({
    id: z.string(),
    type: z.string(),
    time: instant,
    sequence: z.int(),
    epoch: z.int().nullable(),
    at_ms: z.number().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('TimelineItem')
export type TimelineItem = z.infer<typeof timelineItem>

/** Any JSON; spelled out because a recursive schema cannot be written into the API's document. */
const cuePayload = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
])

export const sendCueBody = z
  .strictObject({ payload: cuePayload })
  .openapi('SendCue', { example: { payload: { kind: 'poll', question: 'Encore?' } } })
export type SendCueBody = z.infer<typeof sendCueBody>

export const cueAnswer = z
  .object({ id: z.string(), stream_id: z.string(), at_ms: z.number(), placed_at: instant, payload: cuePayload })
  .openapi('Cue')
export type CueAnswer = z.infer<typeof cueAnswer>

/** Without `at_ms` the marker stands at the live edge. */
export const addMarkerBody = z
  .strictObject({
    kind: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'Up to 32 of a-z, 0-9 and -, beginning with a letter.'),
    at_ms: z.int().min(0).max(MARKER_AT_MS_MAX).optional(),
    note: textLine(280).optional(),
  })
  .openapi('AddMarker', { example: { kind: 'highlight', note: 'The drop' } })
export type AddMarkerBody = z.input<typeof addMarkerBody>

export const markerAnswer = z
  .object({
    id: z.string(),
    stream_id: z.string(),
    kind: z.string(),
    at_ms: z.number(),
    note: z.string().nullable(),
    created_at: instant,
  })
  .openapi('Marker')
export type MarkerAnswer = z.infer<typeof markerAnswer>
