import { z } from '@hono/zod-openapi'
import { instant } from '#shared/service/answer-parts.ts'

/** Shortest and longest life of a token, in seconds: a minute, a day. */
const TTL_S_MIN = 60
const TTL_S_MAX = 86_400
const VIEWER_ID_MAX = 128

export const createPlaybackTokenBody = z
  .strictObject({
    playback_id: z.string().min(1).max(128),
    ttl_s: z.int().min(TTL_S_MIN).max(TTL_S_MAX).default(3_600),
    /** For whom; stands in the service's log, so that a leaked URL leads back to somebody. */
    viewer_id: z
      .string()
      .max(VIEWER_ID_MAX)
      .regex(/^[A-Za-z0-9_.:-]+$/u)
      .optional(),
  })
  .openapi('CreatePlaybackToken', { example: { playback_id: 'play_…', ttl_s: 3600, viewer_id: 'member-42' } })
export type CreatePlaybackTokenBody = z.output<typeof createPlaybackTokenBody>

/** Whoever has the URL may watch until it ends; who is in stays in. */
export const playbackTokenAnswer = z.object({ url: z.string(), expires_at: instant }).openapi('PlaybackToken')
export type PlaybackTokenAnswer = z.infer<typeof playbackTokenAnswer>
