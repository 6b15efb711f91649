import { z } from 'zod'
import type { JobKind } from '#shared/domain/topology.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import { type Job, jobNotReady, type WakeableJob } from './job.ts'
import type { JobStore } from './job-store.ts'
import { type JobWakes, jobWakes } from './job-wakes.ts'
import type { ServiceApp } from './service-app.ts'

export type JobRoutesOptions = {
  /** The service whose jobs these are. */
  service: string
  jobs: JobStore
  queue: TaskQueue
  /**
   * What a worker needs beyond the input, made when it takes the job: signed URLs and the like. `NOTHING_TO_DO` ends a
   * job that nobody waits for any more.
   */
  prepare: Partial<Record<JobKind, (job: Job) => Promise<unknown>>>
  /**
   * The effects of a result, in the transaction that ends the job; jobs it gives are woken after the commit. Throws
   * ZodError for a result that does not fit.
   */
  finish: Partial<Record<JobKind, (tx: Transaction, job: Job, result: unknown) => Promise<AskedJobs>>>
}

/** A job whose work is not wanted any more. */
export const NOTHING_TO_DO = Symbol('nothing to do')

/** Jobs that an effect asked for, when it asked for any. */
export type AskedJobs = readonly WakeableJob[] | void

const ERROR_CHARACTERS_MAX = 2_000
const token = z.int().positive()
const leaseBody = z.strictObject({ owner: z.string().min(1).max(100) })
const checkpointBody = z.strictObject({
  token,
  data: z.unknown().optional(),
  extend_s: z.int().min(1).max(3_600).optional(),
})
const finishBody = z.strictObject({ token, result: z.unknown().optional() })
const failBody = z.strictObject({
  token,
  error: z.strictObject({ message: z.string().max(ERROR_CHARACTERS_MAX), code: z.string().max(64).optional() }),
  retryable: z.boolean(),
})

/** What `lease` answers; the worker reads it with the same schema. */
export const leaseAnswer = z.object({
  token,
  lease_s: z.number().positive(),
  job: z.object({
    id: z.string(),
    kind: z.string(),
    subject_id: z.string(),
    attempt: z.int(),
    input: z.unknown(),
    checkpoint: z.unknown().optional(),
    traceparent: z.string().optional(),
  }),
  payload: z.unknown().optional(),
})

/**
 * The worker's protocol, for signed calls: `POST /internal/{service}/jobs/{id}/lease | checkpoint | finish | fail`. A worker that
 * lost its lease gets `job.lease-lost` and changes nothing; a repeated `finish` is answered like the first.
 */
export function jobRoutes(app: ServiceApp, options: JobRoutesOptions): void {
  const wakes = jobWakes(options.queue)
  workerRoutes(app, options, wakes)

  app.post(`/internal/${options.service}/jobs/:id/fail`, async c => {
    const { token, error, retryable } = failBody.parse(await c.req.json())
    const { message, code } = error
    const job = await options.jobs.fail(c.req.param('id'), token, { message, ...(code && { code }) }, retryable)
    if (job.state === 'ready') await wakes.send([job])
    return c.json({ state: job.state })
  })
}

function workerRoutes(app: ServiceApp, options: JobRoutesOptions, wakes: JobWakes): void {
  const { jobs } = options

  app.post(`/internal/${options.service}/jobs/:id/lease`, async c => {
    const { owner } = leaseBody.parse(await c.req.json())
    const { job, token, leaseS } = await jobs.lease(c.req.param('id'), owner)
    let payload: unknown
    try {
      payload = await options.prepare[job.kind]?.(job)
    } catch (error) {
      await jobs.fail(job.jobId, token, { message: messageOf(error), code: 'prepare' }, true)
      throw error
    }
    if (payload === NOTHING_TO_DO) {
      await jobs.finish(job.jobId, token, { wanted: false })
      throw jobNotReady('Nobody waits for this job any more.', 'done')
    }
    const { jobId: id, kind, subjectId: subject_id, attempt, input, checkpoint, traceparent } = job
    return c.json({
      token,
      lease_s: leaseS,
      job: { id, kind, subject_id, attempt, input, checkpoint, traceparent },
      payload,
    } satisfies z.input<typeof leaseAnswer>)
  })

  app.post(`/internal/${options.service}/jobs/:id/checkpoint`, async c => {
    const { token, data, extend_s } = checkpointBody.parse(await c.req.json())
    await jobs.checkpoint(c.req.param('id'), token, data, extend_s)
    return c.body(null, 204)
  })

  app.post(`/internal/${options.service}/jobs/:id/finish`, async c => {
    const { token, result } = finishBody.parse(await c.req.json())
    let asked: AskedJobs = undefined
    await jobs.finish(c.req.param('id'), token, result, async (tx, job) => {
      asked = await options.finish[job.kind]?.(tx, job, result)
    })
    await wakes.send(asked ?? [])
    return c.body(null, 204)
  })
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, ERROR_CHARACTERS_MAX)
}
