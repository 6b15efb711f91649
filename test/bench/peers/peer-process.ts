import { type ChildProcess, spawn } from 'node:child_process'

/** A peer's process: it is ended, and waited for, on dispose. */
export type PeerProcess = AsyncDisposable & { readonly process: ChildProcess; log(): string }

/** Longest a peer may take to end by itself before it is killed, in ms. */
const END_MS_MAX = 5_000
/** Newest part of its output that is kept, in characters. */
const LOG_MAX = 200_000

export type PeerOptions = { cwd?: string; env?: Record<string, string>; signal?: NodeJS.Signals }

/** Starts a peer; what it prints is kept for the message when something fails. */
export function startPeer(command: string, args: readonly string[], options: PeerOptions = {}): PeerProcess {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const keep = (chunk: Buffer) => (text = (text + chunk.toString('utf8')).slice(-LOG_MAX))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const closed = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  closed.catch(() => undefined)
  return {
    process: child,
    log: () => text,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS_MAX)
      child.kill(options.signal ?? 'SIGTERM')
      await closed.catch(() => undefined)
      clearTimeout(timer)
    },
  }
}
