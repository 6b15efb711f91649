import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { type Queue, QUEUES } from '#shared/domain/topology.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import type { Destination } from '#shared/service/signed-post.ts'
import { QueuePump } from './queue-pump.ts'
import { queueRows } from './queue-rows.ts'
import type { TaskQueue } from './task-queue.ts'

export type TableTaskQueueOptions = {
  engine: TableEngine
  /** Where the calls of a queue are POSTed (`…/tasks/<kind>`), and the audience of their tokens. */
  destination: (queue: Queue) => Destination
  /** A bearer token for the audience, as `ServiceCalls.sign` gives it. */
  sign: (audience: string) => Promise<string>
  now: Clock
  queues?: readonly Queue[]
  report?: (problem: { queue: string; task?: string; reason: string }) => void
}

/** How often the queue looks after what a failed statement left undone, in ms. */
const TICK_MS = 1_000
/** How often names of ended tasks are forgotten, in ms. */
const FORGET_EVERY_MS = 60_000
/** How long the name of an ended task stays known, in ms; about as long as Cloud Tasks remembers it. */
const NAME_KEPT_MS = 3_600_000

/**
 * The task queue on a table of a PostgreSQL engine; this process stores and calls, and is the only one that does.
 *
 * Calls carry Cloud Tasks' headers and go out as soon as they are due, within the queue's rate and concurrency. An error
 * or a timeout costs an attempt; past the queue's attempts the task is dropped and its name is free again.
 */
export function tableTaskQueue(options: TableTaskQueueOptions): TaskQueue & AsyncDisposable {
  const { now, queues = QUEUES, report = () => undefined } = options
  const rows = queueRows(options.engine)
  const pumps = new Map(
    queues.map(queue => {
      const destination = options.destination(queue)
      return [queue.name, new QueuePump({ queue, rows, destination, sign: options.sign, now, report })] as const
    }),
  )
  let forgottenAtMs = now()
  const tick = (): void => {
    for (const pump of pumps.values()) void pump.refill()
    if (now() - forgottenAtMs < FORGET_EVERY_MS) return
    forgottenAtMs = now()
    rows.forget(rfc3339(forgottenAtMs - NAME_KEPT_MS)).catch((error: unknown) => {
      report({ queue: 'all', reason: String(error) })
    })
  }
  const timer = setInterval(tick, TICK_MS)
  tick()

  return {
    async wake({ queue, jobId, attempt, notBefore, traceparent }, signal) {
      signal?.throwIfAborted()
      const pump = pumps.get(queue)
      if (pump === undefined) throw new Error(`The topology has no queue ${queue}.`)
      const task = {
        name: `${jobId}-${attempt}`,
        jobId,
        traceparent: traceparent ?? null,
        dueAt: rfc3339(notBefore === undefined ? now() : Date.parse(notBefore)),
        attempts: 0,
      }
      await pump.add(task, async () => await rows.add(queue, task))
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await Promise.all([...pumps.values()].map(async pump => await pump.stop()))
    },
  }
}
