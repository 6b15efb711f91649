import { Worker } from 'node:worker_threads'
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from './pglite-rpc.ts'
import type { EngineFailure } from './sql-state.ts'

/** What a statement came to. */
export type PgliteRows = { rows: unknown[]; changed: number }

type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never

/** A failure the engine reported; without a `code` the engine itself is broken. */
export class PgliteFailure extends Error {
  readonly failure: EngineFailure

  constructor(failure: EngineFailure) {
    super(failure.message)
    this.name = 'PgliteFailure'
    this.failure = failure
  }
}

/** The engine's thread: requests are answered in the order they were sent. */
export interface PgliteThread {
  request(request: WithoutId<PgliteRequest>): Promise<PgliteRows>
  /** Whether the thread still runs. */
  alive(): boolean
  terminate(): Promise<void>
}

/** Longest opening, in ms: making a template on a busy machine takes seconds. */
const OPEN_MS_MAX = 60_000

/** Longest wait for an answer, in ms; an engine that takes longer hangs, and is ended. */
const ANSWER_MS_MAX = 30_000

/** Starts the thread and resolves when the engine answers; rejects with why it does not. */
export async function startPgliteThread(
  settings: PgliteWorkerData,
  onNotification: (channel: string, payload: string) => void,
): Promise<PgliteThread> {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { workerData: settings })
  const waiting = new Map<number, PromiseWithResolvers<PgliteRows>>()
  const opened = Promise.withResolvers<void>()
  let ended: PgliteFailure | undefined
  let lastId = 0

  const end = (message: string): void => {
    ended ??= new PgliteFailure({ message })
    opened.reject(ended)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('error', error => end(error instanceof Error ? error.message.slice(0, 300) : String(error)))
  worker.on('exit', () => end('The embedded engine ended.'))
  worker.on('message', (reply: PgliteReply) => {
    if (reply.kind === 'ready') return opened.resolve()
    if (reply.kind === 'notification') return onNotification(reply.channel, reply.payload)
    const caller = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.kind === 'rows') caller?.resolve({ rows: reply.rows, changed: reply.changed })
    else caller?.reject(new PgliteFailure(reply.failure))
  })

  const timer = setTimeout(() => end('The embedded engine did not open in time.'), OPEN_MS_MAX)
  try {
    await opened.promise
  } catch (error) {
    await worker.terminate()
    throw error
  } finally {
    clearTimeout(timer)
  }
  return {
    async request(request) {
      if (ended) throw ended
      lastId += 1
      const reply = Promise.withResolvers<PgliteRows>()
      waiting.set(lastId, reply)
      worker.postMessage({ ...request, id: lastId }, [])
      const hanging = setTimeout(() => {
        end('The embedded engine does not answer.')
        void worker.terminate()
      }, ANSWER_MS_MAX)
      try {
        return await reply.promise
      } finally {
        clearTimeout(hanging)
      }
    },
    alive: () => ended === undefined,
    async terminate() {
      await worker.terminate()
    },
  }
}
