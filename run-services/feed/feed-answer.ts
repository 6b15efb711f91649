import { z } from '@hono/zod-openapi'
import { clipReason } from '#shared/domain/clip.ts'
import { creatorRef, instant } from '#shared/service/answer-parts.ts'

/** Where an item plays. A show has `hls_url`, a clip `mp4_url` and, rendered, the shapes made for the feed. */
const feedPlayback = z.object({
  id: z.string(),
  hls_url: z.url().optional(),
  mp4_url: z.url().optional(),
  vertical_url: z.url().optional(),
  poster_url: z.url().optional(),
})

/** One item of the feed: a show on the air or a published clip. */
export const feedItem = z
  .object({
    kind: z.enum(['stream', 'clip']),
    /** Of the clip or the show. */
    id: z.string(),
    stream_id: z.string(),
    title: z.string(),
    tags: z.array(z.string()),
    creator: creatorRef,
    playback: feedPlayback,
    duration_ms: z.number().nullable(),
    /** When the show began or the clip was published. */
    at: instant,
    /** Where the clip begins in its show, in ms. */
    start_ms: z.number().nullable(),
    shares: z.int(),
    /** Why it stands here: its rank (epoch ms of newness plus `bonus_ms`) and what gave the bonus. */
    why: z.object({ rank: z.number(), bonus_ms: z.number(), reasons: z.array(clipReason) }),
  })
  .openapi('FeedItem')
export type FeedItem = z.infer<typeof feedItem>

/** Words to look for, in any script. */
export const searchQuery = z.strictObject({
  q: z.string().min(1).max(200),
  kind: z.enum(['clip', 'stream', 'all']).default('all'),
})

export const relatedQuery = z.strictObject({
  clip: z.string().max(64).optional(),
  stream: z.string().max(64).optional(),
})

/** A clip, or a show at a place in it (ms since its start). */
export const shareBody = z
  .strictObject({
    clip_id: z.string().max(64).optional(),
    stream_id: z.string().max(64).optional(),
    at_ms: z.int().min(0).max(604_800_000).optional(),
  })
  .refine(({ clip_id, stream_id }) => (clip_id === undefined) !== (stream_id === undefined), {
    message: 'Share a clip or a stream.',
    path: ['clip_id'],
  })
  .openapi('ShareBody')
export type ShareBody = z.input<typeof shareBody>

export const shareAnswer = z
  .object({
    id: z.string(),
    /** The page to send to people; relative to the pages' own origin when that is not known. */
    url: z.url(),
    clip_id: z.string().nullable(),
    stream_id: z.string(),
    at_ms: z.number().nullable(),
    visits: z.int(),
  })
  .openapi('Share')
export type ShareAnswer = z.infer<typeof shareAnswer>
