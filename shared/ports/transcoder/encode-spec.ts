import { z } from 'zod'
import { Refusal } from '#shared/domain/refusal.ts'
import { SOUND_TRACK, VBV_S } from '#shared/media/ffmpeg-arguments/vod-ladder.ts'
import type { EncodeSpec } from './transcoder.ts'

const RUNGS_MAX = 8
const SIDE_MAX = 4096
const KBPS_MAX = 40_000
const RATE_MAX = 120
/** Longest segment, in s. */
const SEGMENT_S_MAX = 20
/** Largest GOP that is read back at once, in kbit: 12 MiB. */
const GOP_KBIT_MAX = 12 * 8 * 1024
/** How far from a whole number a ratio may be and count as one. */
const RATIO_SLACK = 1e-6
const KEY = /^[A-Za-z0-9._/-]{1,900}$/u

const side = z.int().min(2).max(SIDE_MAX).multipleOf(2)
const kbps = z.int().min(1).max(KBPS_MAX)

/** What an encode is asked for, as it is kept, with the bounds of what our encoder takes. */
export const encodeSpecSchema = z
  .object({
    jobId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/u),
    source: z.string().regex(KEY),
    prefix: z.string().regex(KEY).endsWith('/'),
    rungs: z
      .array(z.object({ name: z.string().regex(/^[A-Za-z0-9]{1,32}$/u), width: side, height: side, bitrateKbps: kbps }))
      .min(1)
      .max(RUNGS_MAX),
    frameRate: z.object({ numerator: z.int().positive(), denominator: z.int().positive() }),
    gopS: z.number().positive(),
    segmentS: z.number().positive().max(SEGMENT_S_MAX),
    audio: z.object({ bitrateKbps: kbps, channels: z.literal([1, 2]) }).exactOptional(),
  })
  .refine(({ rungs }) => new Set([SOUND_TRACK, ...rungs.map(({ name }) => name)]).size > rungs.length, {
    error: 'two renditions have one name',
  })
  .refine(({ frameRate }) => frameRate.numerator / frameRate.denominator <= RATE_MAX, {
    error: `a rate above ${RATE_MAX} Hz`,
  })
  .refine(({ gopS, segmentS }) => Math.abs(segmentS / gopS - Math.round(segmentS / gopS)) < RATIO_SLACK, {
    error: 'a segment is no whole number of key frame distances',
  })
  .refine(({ gopS, rungs }) => rungs.every(({ bitrateKbps }) => (gopS + VBV_S) * bitrateKbps <= GOP_KBIT_MAX), {
    error: 'key frames lie too far apart for that bit rate',
  })

/** The spec when it can work; throws the refusal `media.rejected` that names what cannot. */
export function checkedSpec(spec: EncodeSpec): z.infer<typeof encodeSpecSchema> {
  const read = encodeSpecSchema.safeParse(spec)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'the spec' : issue.path.join('.')
  throw new Refusal('media.rejected', { detail: `This cannot be encoded: ${where}: ${issue?.message ?? 'invalid'}.` })
}
