import { type JobKind, queueOf } from '#shared/domain/topology.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { type JobClient, jobClient, type WorkerLease } from './job-client.ts'
import type { Log } from './log.ts'
import { pause } from './pause.ts'
import { type ServiceApp, serviceApp } from './service-app.ts'
import type { VerifyService } from './service-call.ts'
import { type Slots, slots } from './slots.ts'
import { describeFailure, isLeaseLost, isRetryable, taskBody } from './task-routes.ts'
import { inTrace } from './trace.ts'

/** A job in a worker's hands. */
export type WorkerJob = {
  id: string
  kind: string
  subjectId: string
  attempt: number
  input: unknown
  /** What the service made for this lease: signed URLs and the like. */
  payload: unknown
  /** Where an earlier run stopped. */
  checkpoint: unknown
}

export type WorkerContext = {
  /** Keeps how far the work is; a later run starts from there. Throws when the lease is lost: stop then. */
  save: (checkpoint: unknown) => Promise<void>
  /** Aborted when the lease is lost or the process is to end. */
  signal: AbortSignal
  log: Log
}

export type WorkerHandler = (job: WorkerJob, context: WorkerContext) => Promise<unknown>

export type WorkerOptions = {
  log: Log
  verifyService: VerifyService
  /** Where the control process answers. */
  control: URL
  sign: (audience: string, caller: string) => Promise<string>
  handlers: Partial<Record<JobKind, WorkerHandler>>
  /** Aborted when the process is to end. */
  drain: AbortSignal
  /** Names this process in the job's row. */
  owner?: string
}

const CALLER = 'worker'
const MS_PER_S = 1000
/** Wake-ups that wait in this process for their turn, more than all queues of one line make at once; others come again. */
const TURNS_WAITING_MAX = 100
/** Heartbeats in the life of a lease. */
const BEATS_PER_LEASE = 3

/**
 * The worker's app: `POST /tasks/<kind>` leases the job, runs its handler, and finishes it; nothing but HTTP.
 *
 * The lease is renewed while the handler runs; when it is lost the handler is aborted and nothing it made is kept.
 * Answers 204 when the job is settled, here or elsewhere, and 5xx when the control process could not be told. Kinds that
 * take turns (`Queue.turns`) wait for theirs before they lease; 503 with a time to try again when the line is long.
 */
export function workerApp(options: WorkerOptions): ServiceApp {
  const app = serviceApp({
    service: CALLER,
    log: options.log,
    drain: options.drain,
    verifyService: options.verifyService,
    verifyUser: () => Promise.reject(new Refusal('auth.invalid', { detail: 'A worker serves no people.' })),
  })
  const inTurn = turnsOf()
  for (const [kind, handler] of Object.entries(options.handlers) as [JobKind, WorkerHandler][]) {
    const { service } = queueOf(kind)
    const client = jobClient({
      control: options.control,
      service,
      owner: options.owner ?? `${CALLER}-${process.pid}`,
      bearer: () => options.sign(service, CALLER),
    })
    app.post(`/tasks/${kind}`, async c => {
      const { job_id: jobId } = taskBody.parse(await c.req.json())
      // A lease is taken when its work can begin, so that none runs out in the line.
      await inTurn(kind, async () => {
        if (c.req.raw.signal.aborted) return
        refuseWhenDraining(options.drain)
        const lease = await leaseUnlessSettled(client, jobId)
        if (lease === undefined) return
        await inTrace(lease.job.traceparent, `task ${kind}`, { 'job.id': jobId }, () =>
          runLeased(client, lease, handler, options),
        )
      })
      return c.body(null, 204)
    })
  }
  return app
}

/** Runs work of kinds that take turns one at a time, other work at once. */
function turnsOf(): (kind: JobKind, work: () => Promise<void>) => Promise<void> {
  const lines = new Map<string, Slots>()
  return (kind, work) => {
    const { turns } = queueOf(kind)
    if (turns === undefined) return work()
    const line = lines.get(turns) ?? slots(1, TURNS_WAITING_MAX)
    lines.set(turns, line)
    return line(work)
  }
}

function refuseWhenDraining(drain: AbortSignal): void {
  if (drain.aborted) throw new Refusal('service.draining', { detail: 'This worker is shutting down.', retryAfterS: 1 })
}

async function leaseUnlessSettled(client: JobClient, jobId: string): Promise<WorkerLease | undefined> {
  try {
    return await client.lease(jobId)
  } catch (error) {
    if (error instanceof Refusal && (error.code === 'job.not-ready' || error.code === 'resource.missing'))
      return undefined
    throw error
  }
}

async function runLeased(
  client: JobClient,
  lease: WorkerLease,
  handler: WorkerHandler,
  options: WorkerOptions,
): Promise<void> {
  const { token } = lease
  const { id, kind, subject_id: subjectId, attempt, input, checkpoint } = lease.job
  const log = options.log.child({ job_id: id, kind, attempt })
  const lost = new AbortController()
  const done = new AbortController()
  const signal = AbortSignal.any([options.drain, lost.signal])
  const beating = keepLease(client, lease, lost, done.signal)
  const save = async (data: unknown) => {
    signal.throwIfAborted()
    await client.checkpoint(id, token, data).catch((error: unknown) => {
      if (isLeaseLost(error)) lost.abort(error)
      throw error
    })
  }
  try {
    const job = { id, kind, subjectId, attempt, input, payload: lease.payload, checkpoint }
    const result = await handler(job, { save, signal, log })
    if (lost.signal.aborted) return
    await client.finish(id, token, result)
    log.info('a job is done')
  } catch (error) {
    if (isLeaseLost(error) || lost.signal.aborted) {
      log.warn('a job was taken over by another worker')
      return
    }
    log.warn({ err: error }, 'a job failed')
    const interrupted = options.drain.aborted
    const failure = interrupted ? { message: 'The worker was shut down.', code: 'interrupted' } : describeFailure(error)
    await client.fail(id, token, failure, interrupted || isRetryable(error)).catch((failing: unknown) => {
      if (!isLeaseLost(failing)) throw failing
    })
  } finally {
    done.abort()
    await beating
  }
}

/** Renews the lease until `done`; aborts `lost` when another worker has it, or when it ran out without an answer. */
async function keepLease(
  client: JobClient,
  lease: WorkerLease,
  lost: AbortController,
  done: AbortSignal,
): Promise<void> {
  const leaseMs = lease.lease_s * MS_PER_S
  let heldUntilMs = performance.now() + leaseMs
  for (;;) {
    await pause(leaseMs / BEATS_PER_LEASE, done)
    if (done.aborted) return
    const askedMs = performance.now()
    try {
      await client.checkpoint(lease.job.id, lease.token)
      heldUntilMs = askedMs + leaseMs
    } catch (error) {
      if (!isLeaseLost(error) && performance.now() < heldUntilMs) continue
      lost.abort(error)
      return
    }
  }
}
