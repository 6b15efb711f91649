import { z } from 'zod'

/** Recipe of the measurement; a change here measures anew under new job ids. */
export const MEASURE_RECIPE = 'measure-1'

/** Segments measured by one job. */
export const MEASURE_SEGMENTS = 15
/** Values per second of the measured signals. */
export const MEASURE_HZ = 2
/** Values of one job at most: its segments at the longest there are, 15 s. */
const MEASURE_VALUES_MAX = MEASURE_SEGMENTS * 15 * MEASURE_HZ

/** What the job's row says: the stretch of recording, by segment numbers. */
export const measureInput = z.strictObject({ from_seq: z.int().min(0), to_seq: z.int().min(0) })

const piece = z.object({ url: z.url(), bytes: z.int(), sha256: z.string().optional() })

/** What the worker is handed: one picture track and one sound track of the stretch, and where the strip goes. */
export const measurePayload = z.object({
  /** Place of the first segment in the show, in ms since its start. */
  from_ms: z.number(),
  to_ms: z.number(),
  video: z.object({ init: piece, segments: z.array(piece).min(1) }),
  audio: z.object({ init: piece, segments: z.array(piece).min(1) }).nullable(),
  strip: z.object({ key: z.string(), url: z.url(), content_type: z.string() }),
})
export type MeasurePayload = z.infer<typeof measurePayload>

/** What was measured: `MEASURE_HZ` values a second from `from_ms` on. */
export const measureResult = z.object({
  from_ms: z.number(),
  to_ms: z.number(),
  /** Momentary loudness in LUFS, -70 for silence and for no sound. */
  loudness_lufs: z.array(z.number()).max(MEASURE_VALUES_MAX),
  /** Share of the picture that changed since the value before, 0 to 1; a cut is near 1. */
  motion: z.array(z.number().min(0).max(1)).max(MEASURE_VALUES_MAX),
  strip: z
    .object({
      key: z.string(),
      bytes: z.int(),
      sha256: z.string(),
      every_ms: z.number(),
      columns: z.int(),
      frames: z.int(),
      /** Of one picture of the strip, in pixels. */
      width: z.int(),
      height: z.int(),
    })
    .nullable(),
})
export type MeasureResult = z.infer<typeof measureResult>
