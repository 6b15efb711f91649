import { z } from 'zod'

/** Shortest and longest clip, in ms. */
export const CLIP_MS_MIN = 1_000
export const CLIP_MS_MAX = 120_000

/** The shapes a render makes of a clip: landscape, portrait for the feed, square. */
export const CLIP_SHAPES = ['wide', 'vertical', 'square'] as const
export type ClipShape = (typeof CLIP_SHAPES)[number]

/** What a render may be asked to make beyond the three shapes: a file that a platform takes as it is. */
export const CLIP_PRESETS = ['shorts', 'story', 'square-post'] as const
export type ClipPreset = (typeof CLIP_PRESETS)[number]

/** One stored file of a clip. */
export const clipRendition = z.object({
  /** `cut`, a shape, a preset, `poster`, `filmstrip`, `storyboard` or a part of the HLS form. */
  name: z.string(),
  /** Key in the object store. */
  uri: z.string(),
  bytes: z.int().positive(),
  sha256: z.string(),
  content_type: z.string(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  duration_ms: z.number().positive().optional(),
  frames: z.int().positive().optional(),
})
export type ClipRendition = z.infer<typeof clipRendition>

/** Where in the source picture the middle of the vertical and square crops lies, from 0 (left) to 1 (right). */
export const cropChoice = z.union([z.literal('follow'), z.object({ center: z.number().min(0).max(1) })])
export type CropChoice = z.infer<typeof cropChoice>

/** Asked for by a person, or picked by the rules. */
export const CLIP_ORIGINS = ['person', 'highlight'] as const
export type ClipOrigin = (typeof CLIP_ORIGINS)[number]

/** What the instant cut found: the picture as it is, and how much of the range there was. */
const clipSource = z.object({
  /** Which cut of this clip it is, from 1; its files lie in `v<n>` with n in [1000 x cut, 1000 x cut + 999]. */
  cut: z.int().positive(),
  sha256: z.string(),
  bytes: z.int().positive(),
  /** Wall clock of the first frame and of the end of the last. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive(),
  duration_ms: z.number().positive(),
  /** Of the range asked for, what the recording does not have. */
  missing_ms: z.number().nonnegative(),
  audio: z.boolean(),
})
export type ClipSource = z.infer<typeof clipSource>

/** Why a range was picked, or ranks where it does: one measured thing and what it added. */
export const clipReason = z.object({
  signal: z.enum(['marker', 'cue', 'loudness', 'motion', 'chat', 'viewers', 'person']),
  /** What was seen, and what is usual in this show. */
  value: z.number(),
  baseline: z.number().optional(),
  /** Share of the score. */
  added: z.number(),
  /** Where in the show, in ms since its start. */
  at_ms: z.number(),
  note: z.string().optional(),
})
export type ClipReason = z.infer<typeof clipReason>

/** Cues and markers inside a clip, by their place in it (ms). */
export const clipMoments = z.object({
  cues: z.array(z.object({ at_ms: z.number(), payload: z.json() })),
  markers: z.array(z.object({ at_ms: z.number(), kind: z.string(), note: z.string().optional() })),
})
export type ClipMoments = z.infer<typeof clipMoments>
