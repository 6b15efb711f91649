import { type ChildProcess, fork } from 'node:child_process'
import { backoffMs } from './backoff.ts'
import type { ChildMessage } from './tell-parent.ts'

export type ChildSpec = {
  name: string
  /** Entry file, run by this Node. */
  entry: string
  env: Readonly<Record<string, string>>
}

export type ChildWatch = {
  log: (line: string) => void
  /** Called with the process id of every incarnation. */
  started: (pid: number) => void
}

export type SupervisedChild = {
  readonly name: string
  /** Process id of the running incarnation. */
  pid(): number | undefined
  /** Restarts so far. */
  restarts(): number
  /** Resolves with what the first incarnation reported when it was ready; rejects with its plain reason when it could not start. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>
  /** Asks it to end; it is started again. */
  restart(): void
  /** Asks it to end, waits, then kills. */
  stop(): Promise<void>
}

const RESTART = { minMs: 200, maxMs: 10_000 }
/** Time a child gets to end by itself before it is killed; within the 10 s that Ctrl-C may take. */
const STOP_MS = 9_000

function isMessage(value: unknown): value is ChildMessage {
  return typeof value === 'object' && value !== null && 'type' in value
}

/**
 * Keeps one child process alive: restarted with backoff when it dies, ended with its parent (its IPC channel closes).
 * A child that says `refused` before it was ever ready is not restarted: its reason is for a person.
 */
export function superviseChild(spec: ChildSpec, { log, started }: ChildWatch): SupervisedChild {
  const first = Promise.withResolvers<Readonly<Record<string, unknown>>>()
  first.promise.catch(() => undefined)
  const state = { stopping: false, restarts: 0, attempt: 0, wasReady: false }
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined

  const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
    child = undefined
    if (state.stopping) return
    if (!state.wasReady && code !== null && code !== 0) {
      first.reject(new Error(`${spec.name} ended with code ${code} before it was ready.`))
      if (state.attempt === 0) return
    }
    const delayMs = backoffMs(state.attempt, RESTART, Math.random())
    log(`${spec.name} ended (${signal ?? `code ${code}`}); starting it again in ${delayMs} ms`)
    state.attempt += 1
    state.restarts += 1
    timer = setTimeout(start, delayMs)
  }

  const onMessage = (message: unknown) => {
    if (!isMessage(message)) return
    if (message.type === 'refused') first.reject(new Error(message.sentence))
    if (message.type === 'ready') {
      state.wasReady = true
      // What came up once more may die once more at once; only what cannot come up is started ever more rarely.
      state.attempt = 0
      first.resolve(message)
    }
  }

  const start = () => {
    child = fork(spec.entry, [], {
      // Crash points are armed for the first incarnation alone, else a fault run would never come to rest.
      env: { ...process.env, ...spec.env, ...(state.restarts > 0 && { FAULTS: '' }) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    if (child.pid !== undefined) started(child.pid)
    child.on('message', onMessage)
    child.once('exit', (code, signal) => onExit(code, signal))
  }
  start()

  return {
    name: spec.name,
    pid: () => child?.pid,
    restarts: () => state.restarts,
    ready: first.promise,
    restart: () => void child?.kill('SIGTERM'),
    stop: () => {
      state.stopping = true
      clearTimeout(timer)
      return child === undefined ? Promise.resolve() : endChild(child)
    },
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(killer)
}
