import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { toolEnvironment, type Sandbox } from './detect-sandbox.ts'
import { sandboxCommand, type SandboxLimits, type Tool } from './sandbox-command.ts'

/** Newest bytes of stderr that are kept. */
const STDERR_TAIL_BYTES = 8 * 1024

export type SpawnSandboxedOptions = {
  sandbox: Sandbox
  tool: Tool
  args: readonly string[]
  limits: SandboxLimits
  /** Output pipes from file descriptor 3 on. */
  outputPipes?: number
  inDirectory?: string
  outDirectory?: string
  nice?: number | undefined
  /** Kills it when aborted. */
  signal?: AbortSignal | undefined
}

export type SandboxExit = { code: number | undefined; signal: string | undefined }

/** A running tool. It dies with this process, even when that is killed. */
export type SandboxedProcess = {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  /** Outputs of `pipe:3`, `pipe:4`, … in that order. */
  readonly outputs: readonly Readable[]
  /** Newest lines of its log. */
  stderrTail(): string
  /** Resolves once it is gone and its pipes are closed; never rejects. */
  readonly exited: Promise<SandboxExit>
  kill(): void
}

/** Starts ffmpeg or ffprobe locked away with live pipes; the only `spawn` of media tools in the product, with `runSandboxed`. */
export function spawnSandboxed(options: SpawnSandboxedOptions): SandboxedProcess {
  const pipes = options.outputPipes ?? 0
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...Array.from({ length: pipes }, () => 'pipe' as const)]
  const [command, ...args] = sandboxCommand({ ...options, level: options.sandbox.level })
  // A group of its own: it is killed as a whole, and Ctrl-C in a terminal does not end encoders before their show.
  const child = spawn(command, args, { stdio, env: toolEnvironment(), detached: true })
  const kill = (): void => killGroup(child)
  const tail = keepTail(child)
  const exited = exitOf(child, tail)
  if (options.signal?.aborted) kill()
  options.signal?.addEventListener('abort', kill, { once: true })
  // bubblewrap's inner half waits forever when its outer half is killed in its first milliseconds.
  child.once('exit', kill)
  void exited.then(() => options.signal?.removeEventListener('abort', kill))
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('The child was started without pipes.')
  const outputs = child.stdio.slice(3).map(stream => stream as Readable)
  // A closed pipe is how a dead tool looks from here; `exited` tells why.
  for (const stream of [stdin, stdout, ...outputs]) stream.on('error', () => undefined)
  return { pid: child.pid, stdin, stdout, outputs, stderrTail: tail.text, exited, kill }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: everything in it is gone.
  }
}

type Tail = { text: () => string; add: (text: string) => void }

function keepTail(child: ChildProcess): Tail {
  let tail = ''
  const add = (text: string): void => {
    tail = (tail + text).slice(-STDERR_TAIL_BYTES)
  }
  child.stderr?.setEncoding('utf8').on('data', add)
  return { text: () => tail.trim(), add }
}

function exitOf(child: ChildProcess, tail: Tail): Promise<SandboxExit> {
  return new Promise(resolve => {
    child.once('error', error => {
      tail.add(`${error.message}\n`)
      if (child.pid === undefined) resolve({ code: undefined, signal: undefined })
    })
    child.once('close', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
  })
}
