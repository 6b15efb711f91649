import { z } from 'zod'
import { Refusal } from '#shared/domain/refusal.ts'

/** What ffprobe is asked for, as its `-show_entries`. */
export const FFPROBE_ENTRIES =
  'format=duration:stream=index,codec_type,codec_name,width,height,avg_frame_rate,nb_frames,sample_rate,channels,duration'

export type ProbedStream = {
  index: number
  codec: string
  durationS: number | undefined
} & (
  | { kind: 'video'; width: number; height: number; fps: number; frames: number | undefined }
  | { kind: 'audio'; sampleRate: number; channels: number }
)

export type ProbedMedia = { durationS: number | undefined; streams: readonly ProbedStream[] }

const seconds = z.coerce.number().nonnegative().optional()
const report = z.object({
  streams: z.array(
    z.object({
      index: z.int(),
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      width: z.int().optional(),
      height: z.int().optional(),
      avg_frame_rate: z.string().optional(),
      nb_frames: z.coerce.number().optional().catch(undefined),
      sample_rate: z.coerce.number().optional(),
      channels: z.int().optional(),
      duration: seconds,
    }),
  ),
  format: z.object({ duration: seconds }),
})
type Reported = z.infer<typeof report>['streams'][number]

/**
 * Reads ffprobe's JSON. Throws the refusal `media.rejected` when it describes no readable sound or pictures: a size of
 * 0 × 0 or an unknown codec comes with exit code 0.
 */
export function readFfprobeReport(json: string): ProbedMedia {
  const read = report.safeParse(parsedJson(json))
  if (!read.success) throw rejectedMedia('Its description makes no sense.')
  const streams = read.data.streams.flatMap(probedStream)
  if (streams.length === 0) throw rejectedMedia('It has neither sound nor pictures.')
  return { durationS: read.data.format.duration, streams }
}

export function rejectedMedia(detail: string): Refusal {
  return new Refusal('media.rejected', { detail })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function probedStream(stream: Reported): ProbedStream[] {
  const common = { index: stream.index, codec: stream.codec_name ?? 'unknown', durationS: stream.duration }
  if (stream.codec_type === 'video') {
    const { width = 0, height = 0 } = stream
    if (common.codec === 'unknown' || width < 1 || height < 1) throw rejectedMedia('Its pictures cannot be decoded.')
    return [{ ...common, kind: 'video', width, height, fps: rateOf(stream.avg_frame_rate), frames: stream.nb_frames }]
  }
  if (stream.codec_type !== 'audio') return []
  const { sample_rate: sampleRate = 0, channels = 0 } = stream
  if (common.codec === 'unknown' || sampleRate < 1 || channels < 1) throw rejectedMedia('Its sound cannot be decoded.')
  return [{ ...common, kind: 'audio', sampleRate, channels }]
}

function rateOf(fraction: string | undefined): number {
  const [over, under] = (fraction ?? '0/1').split('/').map(Number)
  return over && under ? over / under : 0
}
