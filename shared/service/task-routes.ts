import { z } from 'zod'
import { Refusal, type RefusalCode } from '#shared/domain/refusal.ts'
import { type JobKind, queueOf } from '#shared/domain/topology.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import type { Job } from './job.ts'
import type { JobStore, Lease } from './job-store.ts'
import type { AskedJobs } from './job-routes.ts'
import { jobWakes } from './job-wakes.ts'
import type { Log } from './log.ts'
import { refusalOf } from './problem.ts'
import type { ServiceApp } from './service-app.ts'
import { inTrace } from './trace.ts'

export type TaskContext = {
  log: Log
  /** Aborted when the lease has run out. */
  signal: AbortSignal
}

/** What a job leaves behind: a result for the row and, in the same transaction, its effects; jobs they give are woken. */
export type TaskOutcome = { result?: unknown; effects?: (tx: Transaction) => Promise<AskedJobs> }

/** The body of every task call. */
export const taskBody = z.strictObject({ job_id: z.string().min(1).max(64) })

const MS_PER_S = 1000
const ERROR_CHARACTERS_MAX = 2_000

/**
 * Serves `POST /tasks/<kind>` for jobs that the service runs itself: lease, run, finish.
 *
 * Answers 204 when the job is settled here or was elsewhere; a failed run puts the job back with backoff (or buries it)
 * and is settled too: the row knows when it runs again. `run` may run twice and finishes within the lease.
 */
export function taskRoutes(
  app: ServiceApp,
  kind: JobKind,
  run: (job: Job, context: TaskContext) => Promise<TaskOutcome | void>,
  options: { jobs: JobStore; queue: TaskQueue },
): void {
  const { jobs } = options
  const { leaseS, service } = queueOf(kind)
  const wakes = jobWakes(options.queue)

  app.post(`/tasks/${kind}`, async c => {
    const { job_id: jobId } = taskBody.parse(await c.req.json())
    const log = c.get('log')
    const lease = await leaseUnlessSettled(jobs, jobId, service)
    if (lease === undefined) return c.body(null, 204)
    const { job, token } = lease
    await inTrace(job.traceparent, `task ${kind}`, { 'job.id': jobId }, async () => {
      try {
        const outcome = (await run(job, { log, signal: AbortSignal.timeout(leaseS * MS_PER_S) })) ?? {}
        let asked: AskedJobs = undefined
        await jobs.finish(jobId, token, outcome.result, async tx => {
          asked = await outcome.effects?.(tx)
        })
        await wakes.send(asked ?? [])
      } catch (error) {
        if (isLeaseLost(error)) return
        log.warn({ job_id: jobId, kind, attempt: job.attempt, err: error }, 'a job failed')
        const left = await jobs.fail(jobId, token, describeFailure(error), isRetryable(error))
        if (left.state === 'ready') await wakes.send([left])
      }
    })
    return c.body(null, 204)
  })
}

/** What a failed run leaves on the row. */
export function describeFailure(error: unknown): { message: string; code?: string } {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_CHARACTERS_MAX)
  return error instanceof Refusal ? { message, code: error.code } : { message }
}

const FINAL: ReadonlySet<RefusalCode> = new Set(['request.invalid', 'resource.missing', 'media.rejected'])

/** A refusal that will be the same next time ends the job; anything else is tried again. */
export function isRetryable(error: unknown): boolean {
  const refusal = refusalOf(error)
  return refusal === undefined || !FINAL.has(refusal.code)
}

export function isLeaseLost(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'job.lease-lost'
}

async function leaseUnlessSettled(jobs: JobStore, jobId: string, owner: string): Promise<Lease | undefined> {
  try {
    return await jobs.lease(jobId, owner)
  } catch (error) {
    if (error instanceof Refusal && (error.code === 'job.not-ready' || error.code === 'resource.missing'))
      return undefined
    throw error
  }
}
