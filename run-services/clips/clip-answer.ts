import { z } from '@hono/zod-openapi'
import {
  CLIP_MS_MAX,
  CLIP_MS_MIN,
  CLIP_ORIGINS,
  CLIP_PRESETS,
  clipMoments,
  type ClipMoments,
  clipReason,
  cropChoice,
} from '#shared/domain/clip.ts'
import { CLIP_MOVES, type ClipState } from '#shared/domain/state-machine.ts'
import { creatorRef, instant, textLine, TITLE_MAX } from '#shared/service/answer-parts.ts'

/** Tags of one clip, and characters of one tag. */
const TAGS_MAX = 10
const TAG_MAX = 40
/** Latest place in a show, in ms from its start: one week. */
const AT_MS_MAX = 604_800_000

const CLIP_STATES = Object.keys(CLIP_MOVES) as [ClipState, ...ClipState[]]

const tags = z.array(textLine(TAG_MAX)).max(TAGS_MAX)
const atMs = z.int().min(0).max(AT_MS_MAX)

/**
 * A clip to be made: a range by the show's wall clock, or what was last seen of a show on the air. The range is checked
 * against `CLIP_MS_MIN` and `CLIP_MS_MAX` by the verb, so that the answer names the code `clip.range`.
 */
export const createClipBody = z
  .strictObject({
    stream_id: z.string().min(1).max(64),
    start_ms: atMs.optional(),
    end_ms: atMs.optional(),
    /** Seconds back from the newest recorded moment. */
    last_s: z
      .number()
      .min(CLIP_MS_MIN / 1000)
      .max(CLIP_MS_MAX / 1000)
      .optional(),
    title: textLine(TITLE_MAX).optional(),
    tags: tags.default([]),
    presets: z.array(z.enum(CLIP_PRESETS)).max(CLIP_PRESETS.length).default([]),
    crop: cropChoice.default('follow'),
    /** Never public before a person approved it. */
    marquee: z.boolean().default(false),
    /** Publishes itself when it is rendered, unless a review is asked for. */
    publish: z.boolean().default(true),
  })
  .refine(
    ({ start_ms, end_ms, last_s }) =>
      last_s === undefined
        ? start_ms !== undefined && end_ms !== undefined
        : start_ms === undefined && end_ms === undefined,
    { message: 'Send start_ms and end_ms, or last_s alone.', path: ['start_ms'] },
  )
  .openapi('CreateClip')
export type CreateClipBody = z.input<typeof createClipBody>

/** Words at any time; range, crop and presets only before the clip was first published (they render it anew). */
export const patchClipBody = z
  .strictObject({
    title: textLine(TITLE_MAX).optional(),
    tags: tags.optional(),
    start_ms: atMs.optional(),
    end_ms: atMs.optional(),
    crop: cropChoice.optional(),
    presets: z.array(z.enum(CLIP_PRESETS)).max(CLIP_PRESETS.length).optional(),
    /** Asks for a person before it is public; what was asked for once stays so. */
    marquee: z.literal(true).optional(),
  })
  .openapi('PatchClip')
export type PatchClipBody = z.input<typeof patchClipBody>

/** Absolute URLs on the media origin: `mp4_url` from `playable` on, the others once the clip is rendered. */
const clipPlayback = z
  .object({
    id: z.string(),
    mp4_url: z.url(),
    vertical_url: z.url().optional(),
    square_url: z.url().optional(),
    poster_url: z.url().optional(),
    storyboard_url: z.url().optional(),
  })
  .openapi('ClipPlayback')
export type ClipPlayback = z.infer<typeof clipPlayback>

export const clipAnswer = z
  .object({
    id: z.string(),
    stream_id: z.string(),
    creator: creatorRef,
    /** Whether the caller may change it. */
    yours: z.boolean(),
    origin: z.enum(CLIP_ORIGINS),
    title: z.string(),
    tags: z.array(z.string()),
    state: z.enum(CLIP_STATES),
    /** Why it failed, as a word. */
    reason: z.string().nullable(),
    marquee: z.boolean(),
    publish_when_ready: z.boolean(),
    start_ms: z.number(),
    end_ms: z.number(),
    /** Facts of the media, from `playable` on. */
    duration_ms: z.number().nullable(),
    missing_ms: z.number().nullable(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    crop: cropChoice,
    presets: z.array(z.string()),
    // Any JSON has no end as a schema: the document says that it is anything.
    moments: clipMoments.extend({
      cues: z.array(
        z.object({
          at_ms: z.number(),
          payload: z
            .custom<ClipMoments['cues'][number]['payload']>()
            .openapi({ type: ['object', 'array', 'string', 'number', 'boolean', 'null'] }),
        }),
      ),
    }),
    score: z.number().nullable(),
    reasons: z.array(clipReason),
    playback: clipPlayback.nullable(),
    /** Files that can be downloaded: shapes and presets. */
    files: z.array(
      z.object({
        name: z.string(),
        url: z.url(),
        bytes: z.number(),
        width: z.int().nullable(),
        height: z.int().nullable(),
        duration_ms: z.number().nullable(),
      }),
    ),
    /** The render under way: its job, how far it is, and the files that are made. */
    render: z.object({ job_id: z.string(), percent: z.number(), stored: z.array(z.string()) }).nullable(),
    review_since: instant.nullable(),
    published_at: instant.nullable(),
    created_at: instant,
    updated_at: instant,
  })
  .openapi('Clip')
export type ClipAnswer = z.infer<typeof clipAnswer>

/** Published clips of everyone, or your own in any state: of a show, of a channel's creator, by state. */
export const clipsQuery = z.strictObject({
  stream: z.string().max(64).optional(),
  creator: z.string().max(64).optional(),
  state: z.enum(CLIP_STATES).optional(),
})
export type ClipsQuery = z.input<typeof clipsQuery>

/** Why the clip exists and where it stands in the feed. */
export const clipExplanation = z
  .object({
    clip_id: z.string(),
    score: z.number().nullable(),
    reasons: z.array(clipReason),
    /** Version of the rules that picked it; null for a person's clip. */
    rules_version: z.int().nullable(),
    feed: z
      .object({
        rank: z.number(),
        published_at: instant,
        /** What its score is worth in the feed, in ms of newness. */
        bonus_ms: z.number(),
      })
      .nullable(),
  })
  .openapi('ClipExplanation')
export type ClipExplanation = z.infer<typeof clipExplanation>
