import { z } from '@hono/zod-openapi'
import { instant, playback, textLine, TITLE_MAX } from '#shared/service/answer-parts.ts'
import { createdStreamKeyAnswer } from './stream-key-answer.ts'

/** Longest rewind window, in seconds: 12 hours. */
const DVR_WINDOW_S_MAX = 43_200
/** Longest wait for a publisher to come back, in seconds. */
const RECONNECT_WINDOW_S_MAX = 900

const channelFields = {
  latency_mode: z.enum(['low', 'standard']),
  dvr_window_s: z.int().min(0).max(DVR_WINDOW_S_MAX),
  /** Most renditions of a show: what its encoding costs. */
  renditions_max: z.int().min(1).max(3),
  reconnect_window_s: z.int().min(1).max(RECONNECT_WINDOW_S_MAX),
  record: z.boolean(),
}

/** A place to broadcast. Only its owner sees `ingest`. */
export const channelAnswer = z
  .object({
    id: z.string(),
    creator_id: z.string(),
    title: z.string(),
    ...channelFields,
    state: z.enum(['idle', 'live', 'disabled']),
    /** The show on air now, if there is one. */
    live_stream_id: z.string().nullable(),
    /** Null until the media plane has made the channel. */
    playback_id: z.string().nullable(),
    playback: playback.nullable(),
    ingest: z
      .object({
        rtmp_url: z.string().optional(),
        srt_url: z.string().optional(),
        ws_url: z.string().optional(),
        whip_url: z.string().optional(),
      })
      .optional(),
    created_at: instant,
  })
  .openapi('Channel')
export type ChannelAnswer = z.infer<typeof channelAnswer>

/** The answer to the create alone: with the first stream key, told once. */
export const createdChannelAnswer = channelAnswer
  .extend({ stream_key: createdStreamKeyAnswer })
  .openapi('CreatedChannel')
export type CreatedChannelAnswer = z.infer<typeof createdChannelAnswer>

export const createChannelBody = z
  .strictObject({
    title: textLine(TITLE_MAX),
    latency_mode: channelFields.latency_mode.default('low'),
    dvr_window_s: channelFields.dvr_window_s.default(3600),
    renditions_max: channelFields.renditions_max.default(3),
    reconnect_window_s: channelFields.reconnect_window_s.default(60),
    record: channelFields.record.default(true),
  })
  .openapi('CreateChannel', { example: { title: 'Late Night Lantern', latency_mode: 'low', dvr_window_s: 3600 } })
export type CreateChannelBody = z.input<typeof createChannelBody>

export const patchChannelBody = z
  .strictObject({
    title: textLine(TITLE_MAX).optional(),
    latency_mode: channelFields.latency_mode.optional(),
    dvr_window_s: channelFields.dvr_window_s.optional(),
    renditions_max: channelFields.renditions_max.optional(),
    reconnect_window_s: channelFields.reconnect_window_s.optional(),
    record: channelFields.record.optional(),
    /** A disabled channel refuses publishers; a show on air ends. */
    enabled: z.boolean().optional(),
  })
  .openapi('PatchChannel', { example: { title: 'Late Night Lantern, season 2' } })
export type PatchChannelBody = z.input<typeof patchChannelBody>
