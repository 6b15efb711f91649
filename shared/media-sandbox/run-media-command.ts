import { join } from 'node:path'
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg'
import { Refusal } from '#shared/domain/refusal.ts'
import type { MediaCommand } from '#shared/media/ffmpeg-arguments/media-command.ts'
import { type Sandbox, toolEnvironment } from './detect-sandbox.ts'
import { FILE_LIMITS, type ToolPaths } from './run-sandboxed.ts'
import { type SandboxLimits, sandboxCommand } from './sandbox-command.ts'

export type RunMediaCommandOptions = {
  sandbox: Sandbox
  /** Seen as `/in`, read only. */
  inDirectory: string
  /** Seen as `/out`. */
  outDirectory: string
  /** Built from the directories as ffmpeg will see them. */
  command: (paths: ToolPaths) => MediaCommand
  /** Wall clock after which it is killed, ms. */
  timeoutMs: number
  nice?: number
  limits?: SandboxLimits
  signal?: AbortSignal
  /** Called about once a second with the media time reached (s). */
  onProgress?: (atS: number) => void
}

/** Lines of ffmpeg's log that are kept. */
const LOG_LINES_MAX = 500
/** Newest part of the log that an error carries. */
const LOG_CHARACTERS = 600
const WRAPPER = join(import.meta.dirname, 'sandbox-wrapper.sh')
const DISK_FULL = /No space left on device|Disk quota exceeded|File too large/u
/** What ffmpeg says of bytes that no decoder takes. */
const UNREADABLE = 'Invalid data found when processing input'
/** 69: more of the input was damaged than not. */
const FAILED = / exited with code (?:1|69)\b/u
const PROGRESS = /\btime=(\d+):(\d+):(\d+(?:\.\d+)?)/u

// Both, so that nothing fluent-ffmpeg starts runs outside. Its `progress` event would start ffprobe: it is not listened to.
ffmpeg.setFfmpegPath(WRAPPER)
ffmpeg.setFfprobePath(WRAPPER)

/**
 * Runs one ffmpeg from files to files in the sandbox, through fluent-ffmpeg; resolves with its log once it is gone.
 *
 * Throws the reason of `signal` when aborted, the refusals `storage.full` and `media.rejected`, or an `Error` with the end of
 * the log when it failed, was killed or took longer than `timeoutMs`; files it leaves behind are then worth nothing.
 */
export async function runMediaCommand(options: RunMediaCommandOptions): Promise<string> {
  const { signal, onProgress, timeoutMs } = options
  signal?.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<Error | undefined>()
  const log: string[] = []
  const fluent = fluentCommand(options)
    .on('stderr', (line: string) => {
      const reached = PROGRESS.exec(line)
      if (reached !== null) onProgress?.(secondsOf(reached))
      else if (log.push(line) > LOG_LINES_MAX) log.shift()
    })
    .on('error', (error: Error) => resolve(error))
    .on('end', () => resolve(undefined))
  let timedOut = false
  const kill = (): void => killGroup(fluent)
  const timer = setTimeout(() => {
    timedOut = true
    kill()
  }, timeoutMs)
  // It cannot be killed before it is there.
  fluent.on('start', () => (signal?.aborted || timedOut) && kill())
  signal?.addEventListener('abort', kill, { once: true })
  try {
    fluent.run()
    const failure = await promise
    signal?.throwIfAborted()
    if (timedOut) throw new Error(`ffmpeg was not done after ${timeoutMs} ms.`)
    // A disk that fills up as the last bytes are written does not always fail ffmpeg.
    if (log.some(line => DISK_FULL.test(line))) {
      throw new Refusal('storage.full', { detail: 'The disk that renders are made on is full.', cause: failure })
    }
    if (failure !== undefined) throw asRefusal(failure, log)
    return log.join('\n')
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', kill)
  }
}

function fluentCommand(options: RunMediaCommandOptions): FfmpegCommand {
  const { sandbox, inDirectory, outDirectory, nice = 0, limits = FILE_LIMITS } = options
  const paths = sandbox.level === 2 ? { in: '/in', out: '/out' } : { in: inDirectory, out: outDirectory }
  const { inputs, filter, outputs } = options.command(paths)
  const locked = { level: sandbox.level, tool: 'ffmpeg', args: [], limits, inDirectory, outDirectory, nice } as const
  const words = [
    ['--sandbox', ...Object.entries(toolEnvironment()).map(([name, value]) => `${name}=${value}`)],
    // A group of its own, which is killed as a whole.
    sandbox.level === 0 ? [] : ['setsid'],
    sandboxCommand(locked),
    ['-hide_banner', '-nostdin', '-stats_period', '1'],
  ].flat()
  const command = ffmpeg({ stdoutLines: LOG_LINES_MAX })
  for (const [index, input] of inputs.entries()) {
    command.input(input.path).inputOptions(...(index === 0 ? words : []), ...input.options)
  }
  command.complexFilter(filter)
  for (const output of outputs) command.output(output.path).outputOptions(...output.options)
  return command
}

/** fluent-ffmpeg's own `kill` ends the outermost process alone. */
function killGroup(command: FfmpegCommand): void {
  const { ffmpegProc } = command as { ffmpegProc?: { pid?: number } }
  command.kill('SIGKILL')
  if (ffmpegProc?.pid === undefined) return
  try {
    process.kill(-ffmpegProc.pid, 'SIGKILL')
  } catch {
    // ESRCH: everything in it is gone, or it had no group of its own yet.
  }
}

function asRefusal(failure: Error, log: readonly string[]): Error {
  if (FAILED.test(failure.message) && log.some(line => line.includes(UNREADABLE))) {
    return new Refusal('media.rejected', { detail: 'The media is damaged and cannot be decoded.', cause: failure })
  }
  return new Error(`${failure.message.split('\n')[0]} (${log.join('\n').slice(-LOG_CHARACTERS)})`, { cause: failure })
}

function secondsOf([, hours, minutes, seconds]: readonly (string | undefined)[]): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}
