import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Refusal } from '#shared/domain/refusal.ts'
import { pinnedDemuxer } from '#shared/media/ffmpeg-arguments/pinned-input.ts'
import { sniffContainer } from '#shared/media/ffmpeg-arguments/sniff-container.ts'
import type { Sandbox } from './detect-sandbox.ts'
import { runSandboxed, type SandboxRun } from './run-sandboxed.ts'

const HEAD_BYTES = 512
const TIMEOUT_MS = 30_000
const LIMITS = { addressSpaceBytes: 1024 ** 3, cpuS: 20, openFiles: 32 }
const ENTRIES =
  'format=duration:stream=index,codec_type,codec_name,width,height,avg_frame_rate,sample_rate,channels,duration'

export type ProbedStream = {
  index: number
  codec: string
  durationS: number | undefined
} & (
  | { kind: 'video'; width: number; height: number; fps: number }
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
      sample_rate: z.coerce.number().optional(),
      channels: z.int().optional(),
      duration: seconds,
    }),
  ),
  format: z.object({ duration: seconds }),
})
type Reported = z.infer<typeof report>['streams'][number]

/**
 * What a file or some bytes are, by ffprobe in the sandbox with the demuxer that our own sniffing chose. Throws the
 * refusal `media.rejected` for anything else than readable sound and pictures; ffprobe's own exit code is not enough.
 */
export async function probeMedia(
  sandbox: Sandbox,
  source: { path: string } | { bytes: Uint8Array },
  options: { signal?: AbortSignal } = {},
): Promise<ProbedMedia> {
  const container = sniffContainer('path' in source ? await headOf(source.path) : source.bytes.subarray(0, HEAD_BYTES))
  if (!container) throw rejected('It is none of MP4, QuickTime, Matroska, WebM, FLV and MPEG-TS.')
  const name = 'path' in source ? basename(source.path) : undefined
  const run = await runSandboxed({
    sandbox,
    tool: 'ffprobe',
    limits: LIMITS,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
    ...('path' in source ? { inDirectory: dirname(source.path) } : { stdin: source.bytes }),
    args: paths => {
      const path = name === undefined ? 'pipe:0' : join(paths.in, name)
      return ['-v', 'error', '-of', 'json', '-show_entries', ENTRIES, ...pinnedDemuxer(container, path), path]
    },
  })
  return readReport(run)
}

function readReport(run: SandboxRun): ProbedMedia {
  if (run.stopped === 'timeout') throw rejected('Reading it takes too long.')
  if (run.code !== 0) throw rejected('It is damaged or not what its beginning says.')
  const read = report.safeParse(JSON.parse(run.stdout))
  if (!read.success) throw rejected('Its description makes no sense.')
  const streams = read.data.streams.flatMap(probedStream)
  if (streams.length === 0) throw rejected('It has neither sound nor pictures.')
  return { durationS: read.data.format.duration, streams }
}

function probedStream(stream: Reported): ProbedStream[] {
  const common = { index: stream.index, codec: stream.codec_name ?? 'unknown', durationS: stream.duration }
  if (stream.codec_type === 'video') {
    const { width = 0, height = 0 } = stream
    if (common.codec === 'unknown' || width < 1 || height < 1) throw rejected('Its pictures cannot be decoded.')
    return [{ ...common, kind: 'video', width, height, fps: rateOf(stream.avg_frame_rate) }]
  }
  if (stream.codec_type !== 'audio') return []
  const { sample_rate: sampleRate = 0, channels = 0 } = stream
  if (common.codec === 'unknown' || sampleRate < 1 || channels < 1) throw rejected('Its sound cannot be decoded.')
  return [{ ...common, kind: 'audio', sampleRate, channels }]
}

function rateOf(fraction: string | undefined): number {
  const [over, under] = (fraction ?? '0/1').split('/').map(Number)
  return over && under ? over / under : 0
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function rejected(detail: string): Refusal {
  return new Refusal('media.rejected', { detail })
}
