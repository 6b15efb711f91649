import { createHash } from 'node:crypto'
import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { JOB_MOVES, type JobState } from '#shared/domain/state-machine.ts'
import { type JobKind, queueOf } from '#shared/domain/topology.ts'
import type { Database, Reader, Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { crashPoint } from './crash-point.ts'
import {
  type Job,
  type JobError,
  jobNotReady,
  jobOf,
  jobShard,
  leaseLost,
  type WakeableJob,
  whyNotLeased,
} from './job.ts'
import { backoffMs } from './job-backoff.ts'
import {
  buryJob,
  expiredJobs,
  extendLease,
  finishJob,
  getJob,
  insertJob,
  leaseJob,
  listJobs,
  readyJob,
  readyJobs,
  saveCheckpoint,
} from './job-queries.ts'
import { appendEvent, type WriteContext } from './outbox.ts'
import { noteChange } from './told-changes.ts'
import { currentTraceparent } from './trace.ts'

export type { Job, JobError, WakeableJob }

export type JobDraft = {
  kind: JobKind
  /** The aggregate the work is about. */
  subjectId: string
  /** The creator who sees the job in a list and may retry it. */
  ownerId?: string
  /** What distinguishes this work on the subject from other work of its kind: a recipe's version, a range. */
  recipe: string
  input: unknown
  /** RFC 3339; now when absent. */
  notBefore?: string
}

export type JobFilter = {
  /** Everyone's when absent. */
  ownerId: string | undefined
  state: JobState | undefined
  /** The last job of the page before. */
  before: { createdAt: string; jobId: string } | undefined
}

export type Lease = { job: Job; token: number; leaseS: number }
export type JobEffects = (tx: Transaction, job: Job) => Promise<void>

/** Work that outlives a request, as rows: named by what it does, leased with a fencing token, safe to run twice. */
export interface JobStore {
  /** Adds the job in the transaction that asks for it; the same work again adds nothing. Wake it after the commit. */
  add(tx: Transaction, draft: JobDraft): Promise<WakeableJob & { added: boolean }>
  /** Takes the job; throws `job.not-ready` when it is done, dead, too early or in other hands, `resource.missing`. */
  lease(jobId: string, owner: string): Promise<Lease>
  /** Extends the lease and, with `data`, saves how far the work is; throws `job.lease-lost` for a stale token. */
  checkpoint(jobId: string, token: number, data?: unknown, extendS?: number): Promise<void>
  /**
   * Ends the job with its effects in one transaction, and the event `job.done`. Telling it twice with the token that
   * finished it changes nothing; throws `job.lease-lost` for a stale token.
   */
  finish(jobId: string, token: number, result: unknown, effects?: JobEffects): Promise<void>
  /** Puts the job back with backoff, or buries it (event `job.dead`) when it cannot be retried or has no attempt left. */
  fail(jobId: string, token: number, error: JobError, retryable: boolean): Promise<Job>
  /** Gives a dead job all its attempts again; throws `state.illegal` for any other. */
  retry(jobId: string): Promise<Job>
  get(jobId: string): Promise<Job | undefined>
  /** Newest first, at most `limit`, from the place after `before`; of one owner, or of everyone. */
  list(filter: JobFilter, limit: number): Promise<Job[]>
  /** Jobs that could have run since before `olderThanMs` ago. */
  ready(limit: number, olderThanMs?: number): Promise<Job[]>
  /** Leased jobs whose lease has run out. */
  expired(limit: number): Promise<Job[]>
}

type StoreOptions = { database: Database } & WriteContext

const MS_PER_S = 1000
const DAY_MS = 86_400_000
const DONE_KEPT_MS = 7 * DAY_MS
const DEAD_KEPT_MS = 30 * DAY_MS
const OWNER_CHARACTERS_MAX = 100
const ERROR_CHARACTERS_MAX = 2_000
const EVENT_SOURCE = 'jobs'

/** What the row of a job says whose worker fell silent. */
export const LEASE_EXPIRED: JobError = {
  message: 'The worker stopped reporting before it was done.',
  code: 'lease-expired',
}

/** Jobs as rows of the database; the queue only wakes them. */
export function jobStore(options: StoreOptions): JobStore {
  const { database } = options
  return {
    add: (tx, draft) => add(options, tx, draft),
    lease: (jobId, owner) => lease(options, jobId, owner),
    checkpoint: (jobId, token, data, extendS) => checkpoint(options, jobId, token, data, extendS),
    finish: (jobId, token, result, effects) => finish(options, jobId, token, result, effects),
    fail: (jobId, token, error, retryable) => fail(options, jobId, token, error, retryable),
    retry: jobId => retry(options, jobId),
    get: jobId => find(database, jobId),
    list: async (filter, limit) => (await database.read(listJobs(filter, limit))).map(jobOf),
    ready: async (limit, olderThanMs = 0) =>
      (await database.read(readyJobs(at(options, -olderThanMs), limit))).map(jobOf),
    expired: async limit => (await database.read(expiredJobs(at(options, 0), limit))).map(jobOf),
  }
}

/** The id that the same work always has: sha256 of kind, subject and recipe. */
function jobIdOf(kind: JobKind, subjectId: string, recipe: string): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, subjectId, recipe]))
    .digest('hex')
}

async function add(
  options: StoreOptions,
  tx: Transaction,
  { kind, subjectId, ownerId, recipe, input, notBefore }: JobDraft,
): Promise<WakeableJob & { added: boolean }> {
  const jobId = jobIdOf(kind, subjectId, recipe)
  const traceparent = currentTraceparent()
  const readyAt = notBefore ?? at(options, 0)
  const { rows } = await tx.write(
    insertJob({
      job_id: jobId,
      kind,
      subject_id: subjectId,
      owner_id: ownerId ?? null,
      input: json(input),
      traceparent: traceparent ?? null,
      ready_shard: jobShard(jobId),
      ready_at: readyAt,
      created_at: at(options, 0),
    }),
  )
  return { jobId, kind, leaseToken: 0, readyAt, traceparent, added: rows.length > 0 }
}

async function lease(options: StoreOptions, jobId: string, owner: string): Promise<Lease> {
  const taken = await options.database.transaction(async tx => {
    const job = await required(tx, jobId)
    const { attempts, leaseS } = queueOf(job.kind)
    const refusal = whyNotLeased(job, options.now())
    if (refusal !== undefined) throw refusal
    if (job.attempt >= attempts) {
      await bury(options, tx, job, LEASE_EXPIRED)
      return undefined
    }
    const until = at(options, leaseS * MS_PER_S)
    const name = owner.slice(0, OWNER_CHARACTERS_MAX)
    const { rows } = await tx.write(leaseJob(jobId, job.leaseToken, name, until, at(options, 0)))
    const [row] = rows
    if (row === undefined) throw jobNotReady('Another worker took the job first.', 'leased')
    return { job: jobOf(row), token: row.lease_token, leaseS }
  })
  crashPoint('job.leased')
  if (taken === undefined) throw jobNotReady('The job has used all its attempts.', 'dead')
  return taken
}

async function checkpoint(
  options: StoreOptions,
  jobId: string,
  token: number,
  data: unknown,
  extendS: number | undefined,
): Promise<void> {
  await options.database.transaction(async tx => {
    const { kind, subjectId } = await held(tx, jobId, token)
    const { leaseS } = queueOf(kind)
    const until = at(options, Math.min(extendS ?? leaseS, leaseS) * MS_PER_S)
    const extend =
      data === undefined ? extendLease(jobId, token, until) : saveCheckpoint(jobId, token, until, json(data))
    const { rows } = await tx.write(extend)
    if (rows.length === 0) throw leaseLost()
    if (data !== undefined) noteChange(tx, subjectId)
  })
}

async function finish(
  options: StoreOptions,
  jobId: string,
  token: number,
  result: unknown,
  effects: JobEffects | undefined,
): Promise<void> {
  await options.database.transaction(async tx => {
    const job = await required(tx, jobId)
    if (job.state === 'done' && job.leaseToken === token) return
    if (job.leaseToken !== token || job.state !== 'leased') throw leaseLost()
    await effects?.(tx, job)
    crashPoint('job.effects-written')
    const { rows } = await tx.write(finishJob(jobId, token, json(result ?? null), at(options, DONE_KEPT_MS)))
    if (rows.length === 0) throw leaseLost()
    const data = { job_id: jobId, kind: job.kind, subject_id: job.subjectId, attempt: job.attempt }
    await appendEvent(tx, { source: EVENT_SOURCE, type: 'job.done', subject: job.subjectId, data }, options)
  })
  crashPoint('job.finished')
}

async function fail(
  options: StoreOptions,
  jobId: string,
  token: number,
  error: JobError,
  retryable: boolean,
): Promise<Job> {
  const failed = await options.database.transaction(async tx => {
    const job = await held(tx, jobId, token)
    if (retryable && job.attempt < queueOf(job.kind).attempts) await putBack(options, tx, job, error)
    else await bury(options, tx, job, error)
    return required(tx, jobId)
  })
  crashPoint('job.failed')
  return failed
}

function retry(options: StoreOptions, jobId: string): Promise<Job> {
  return options.database.transaction(async tx => {
    const job = await required(tx, jobId)
    if (job.state !== 'dead') {
      throw new Refusal('state.illegal', {
        detail: `Only a dead job can be retried; this one is ${job.state}.`,
        extra: { state: job.state, legal_moves: JOB_MOVES[job.state] },
      })
    }
    const { rows } = await tx.write(
      readyJob(jobId, job.leaseToken, 'dead', {
        attempt: 0,
        lease_token: job.leaseToken + 1,
        ready_shard: jobShard(jobId),
        ready_at: at(options, 0),
        last_error: job.error === undefined ? null : json(job.error),
      }),
    )
    if (rows.length === 0) throw jobNotReady('The job was retried by another request.', 'ready')
    return required(tx, jobId)
  })
}

async function bury(options: StoreOptions, tx: Transaction, job: Job, error: JobError): Promise<void> {
  const { rows } = await tx.write(
    buryJob(job.jobId, job.leaseToken, job.state, json(bounded(error)), at(options, DEAD_KEPT_MS)),
  )
  if (rows.length === 0) throw leaseLost()
  const data = { job_id: job.jobId, kind: job.kind, subject_id: job.subjectId, error: bounded(error).message }
  await appendEvent(tx, { source: EVENT_SOURCE, type: 'job.dead', subject: job.subjectId, data }, options)
}

async function putBack(options: StoreOptions, tx: Transaction, job: Job, error: JobError): Promise<void> {
  const { rows } = await tx.write(
    readyJob(job.jobId, job.leaseToken, job.state, {
      attempt: job.attempt,
      lease_token: job.leaseToken,
      ready_shard: jobShard(job.jobId),
      ready_at: at(options, backoffMs(queueOf(job.kind), job.attempt, options.random)),
      last_error: json(bounded(error)),
    }),
  )
  if (rows.length === 0) throw leaseLost()
}

async function find(reader: Reader, jobId: string): Promise<Job | undefined> {
  const [row] = await reader.read(getJob(jobId))
  return row === undefined ? undefined : jobOf(row)
}

async function required(reader: Reader, jobId: string): Promise<Job> {
  const job = await find(reader, jobId)
  if (job === undefined) throw new Refusal('resource.missing', { detail: 'There is no such job.' })
  return job
}

async function held(reader: Reader, jobId: string, token: number): Promise<Job> {
  const job = await required(reader, jobId)
  if (job.leaseToken !== token || job.state !== 'leased') throw leaseLost()
  return job
}

function bounded(error: JobError): JobError {
  return { ...error, message: error.message.slice(0, ERROR_CHARACTERS_MAX) }
}

function at({ now }: StoreOptions, offsetMs: number): string {
  return rfc3339(now() + offsetMs)
}
