import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import {
  FFPROBE_ENTRIES,
  readFfprobeReport,
  rejectedMedia,
  type ProbedMedia,
} from '#shared/media/ffmpeg-arguments/read-ffprobe-report.ts'
import { pinnedDemuxer } from '#shared/media/ffmpeg-arguments/pinned-input.ts'
import { sniffContainer } from '#shared/media/ffmpeg-arguments/sniff-container.ts'
import type { Sandbox } from './detect-sandbox.ts'
import { runSandboxed } from './run-sandboxed.ts'
import type { SandboxExit } from './spawn-sandboxed.ts'

const HEAD_BYTES = 512
const TIMEOUT_MS = 30_000
/** A probe that is killed sooner than this, in ms, has not used up its CPU time: somebody else killed it. */
const KILLED_MS_MAX = 5_000
const LIMITS = { addressSpaceBytes: 1024 ** 3, cpuS: 20, openFiles: 32 }
/**
 * What a file or some bytes are, by ffprobe in the sandbox with the demuxer that our own sniffing chose. Throws the
 * refusal `media.rejected` for anything else than readable sound and pictures; ffprobe's own exit code is not enough.
 * Throws the reason of `signal` when aborted, and an `Error` when ffprobe was killed from outside.
 */
export async function probeMedia(
  sandbox: Sandbox,
  source: { path: string } | { bytes: Uint8Array },
  options: { signal?: AbortSignal | undefined } = {},
): Promise<ProbedMedia> {
  const container = sniffContainer('path' in source ? await headOf(source.path) : source.bytes.subarray(0, HEAD_BYTES))
  if (!container) throw rejectedMedia('It is none of MP4, QuickTime, Matroska, WebM, FLV and MPEG-TS.')
  const startedAtMs = performance.now()
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
      return ['-v', 'error', '-of', 'json', '-show_entries', FFPROBE_ENTRIES, ...pinnedDemuxer(container, path), path]
    },
  })
  options.signal?.throwIfAborted()
  if (run.stopped === undefined && wasKilled(run) && performance.now() - startedAtMs < KILLED_MS_MAX) {
    throw new Error('ffprobe was killed.')
  }
  if (run.stopped === 'timeout') throw rejectedMedia('Reading it takes too long.')
  if (run.code !== 0) throw rejectedMedia('It is damaged or not what its beginning says.')
  return readFfprobeReport(run.stdout)
}

/** By a signal, or as the sandbox tells of one: 128 and its number. */
function wasKilled({ code, signal }: SandboxExit): boolean {
  return signal !== undefined || code === 137
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
