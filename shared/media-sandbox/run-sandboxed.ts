import type { SandboxLimits } from './sandbox-command.ts'
import { spawnSandboxed, type SandboxExit, type SpawnSandboxedOptions } from './spawn-sandboxed.ts'

/** Largest stdout that is taken. */
const STDOUT_BYTES_MAX = 4 * 1024 * 1024

export const FILE_LIMITS: SandboxLimits = {
  addressSpaceBytes: 2 * 1024 ** 3,
  cpuS: 3600,
  fileBytes: 16 * 1024 ** 3,
  openFiles: 64,
}
/** Where a tool sees its directories: inside the sandbox, or as they are where there is none. */
export type ToolPaths = { in: string; out: string }

export type RunSandboxedOptions = Omit<SpawnSandboxedOptions, 'args' | 'outputPipes' | 'limits'> & {
  /** Built from the paths as the tool will see them. */
  args: (paths: ToolPaths) => readonly string[]
  limits?: SandboxLimits
  /** Given on stdin, which is closed after it. */
  stdin?: Uint8Array
  /** Wall clock after which it is killed, ms. */
  timeoutMs: number
}

export type SandboxRun = SandboxExit & {
  stdout: string
  stderrTail: string
  /** Why it was stopped from outside, if it was. */
  stopped: 'timeout' | 'output-too-large' | 'aborted' | undefined
}

/** Runs a tool to its end, locked away and bounded by the wall clock; a bad exit is in the result, not thrown. */
export async function runSandboxed(options: RunSandboxedOptions): Promise<SandboxRun> {
  const inside = options.sandbox.level === 2
  const paths = {
    in: inside ? '/in' : (options.inDirectory ?? ''),
    out: inside ? '/out' : (options.outDirectory ?? ''),
  }
  const child = spawnSandboxed({ ...options, args: options.args(paths), limits: options.limits ?? FILE_LIMITS })
  let stopped: SandboxRun['stopped']
  const stop = (why: SandboxRun['stopped']): void => {
    stopped ??= why
    child.kill()
  }
  const timer = setTimeout(stop, options.timeoutMs, 'timeout')
  const chunks: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength
    if (bytes > STDOUT_BYTES_MAX) stop('output-too-large')
    else chunks.push(chunk)
  })
  child.stdin.end(options.stdin ?? new Uint8Array(0))
  const exit = await child.exited
  clearTimeout(timer)
  if (options.signal?.aborted) stopped ??= 'aborted'
  return { ...exit, stdout: Buffer.concat(chunks).toString('utf8'), stderrTail: child.stderrTail(), stopped }
}
