import { z } from 'zod'
import { CLIP_PRESETS, clipRendition, cropChoice } from '#shared/domain/clip.ts'

/** Recipe of the render; a change here renders anew under new job ids. */
export const RENDER_RECIPE = 'render-1'

/** Files one render makes, in the order they are made. */
export const RENDER_FILES = ['wide', 'vertical', 'square', 'poster', 'filmstrip', 'storyboard'] as const

/** What the job's row says. */
export const renderInput = z.strictObject({
  crop: cropChoice,
  presets: z.array(z.enum(CLIP_PRESETS)),
  /** Of the cut, so that nothing else is ever rendered. */
  cut_sha256: z.string(),
})
export type RenderInput = z.infer<typeof renderInput>

/** Where one file goes: a signed PUT of exactly that type, under the folder of this lease. */
const target = z.object({ name: z.string(), key: z.string(), url: z.url(), content_type: z.string() })
export type RenderTarget = z.infer<typeof target>

/** What the worker is handed: signed URLs and facts; nothing else of the platform. */
export const renderPayload = z.object({
  cut: z.object({
    url: z.url(),
    bytes: z.int(),
    sha256: z.string(),
    duration_ms: z.number(),
    frames: z.int(),
    width: z.int(),
    height: z.int(),
    audio: z.boolean(),
  }),
  /** `v<n>`, the folder of this lease. */
  folder: z.string(),
  targets: z.array(target),
})
export type RenderPayload = z.infer<typeof renderPayload>

/** How far the worker is: what it measured, and every file that is stored, wherever an earlier lease put it. */
export const renderProgress = z.object({
  percent: z.number().min(0).max(100),
  /** Result of the look-ahead pass: loudness to correct by, and the crop's path. */
  look: z.json().optional(),
  stored: z.array(clipRendition),
})
export type RenderProgress = z.infer<typeof renderProgress>

/** What the worker answers: every file, stored and probed. */
export const renderResult = z.object({
  stored: z.array(clipRendition),
  /** Integrated loudness of the result, in LUFS; null for a clip without sound. */
  loudness_lufs: z.number().nullable(),
})
export type RenderResult = z.infer<typeof renderResult>
