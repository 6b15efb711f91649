import { createHash } from 'node:crypto'
import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { JOB_MOVES, type JobState } from '#shared/domain/state-machine.ts'
import { type JobKind, queueOf } from '#shared/domain/topology.ts'
import type { Database, Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { crashPoint } from './crash-point.ts'
import { backoffMs } from './job-backoff.ts'
import {
  buryJob,
  expiredJobs,
  extendLease,
  finishJob,
  getJob,
  insertJob,
  JOB_SHARDS,
  type JobRow,
  leaseJob,
  readyJob,
  readyJobs,
  saveCheckpoint,
} from './job-queries.ts'
import { appendEvent, type WriteContext } from './outbox.ts'
import { currentTraceparent } from './trace.ts'

export type Job = {
  jobId: string
  kind: JobKind
  subjectId: string
  state: JobState
  /** How often it was leased. */
  attempt: number
  input: unknown
  checkpoint: unknown
  result: unknown
  error: JobError | undefined
  /** Only grows; whoever writes with an older one has lost the job. */
  leaseToken: number
  leaseOwner: string | undefined
  leaseUntil: string | undefined
  readyAt: string | undefined
  createdAt: string
  traceparent: string | undefined
}

export type JobError = { message: string; code?: string }

/** A job that waits for a wake-up. */
export type WakeableJob = Pick<Job, 'jobId' | 'kind' | 'leaseToken' | 'readyAt' | 'traceparent'>

export type JobDraft = {
  kind: JobKind
  /** The aggregate the work is about. */
  subjectId: string
  /** What distinguishes this work on the subject from other work of its kind: a recipe's version, a range. */
  recipe: string
  input: unknown
  /** RFC 3339; now when absent. */
  notBefore?: string
}

export type Lease = { job: Job; token: number; leaseS: number }

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
  finish(jobId: string, token: number, result: unknown, effects?: (tx: Transaction, job: Job) => Promise<void>): Promise<void>
  /** Puts the job back with backoff, or buries it (event `job.dead`) when it cannot be retried or has no attempt left. */
  fail(jobId: string, token: number, error: JobError, retryable: boolean): Promise<Job>
  /** Gives a dead job all its attempts again; throws `state.illegal` for any other. */
  retry(jobId: string): Promise<Job>
  get(jobId: string): Promise<Job | undefined>
  /** Jobs that could have run since before `olderThanMs` ago. */
  ready(limit: number, olderThanMs?: number): Promise<Job[]>
  /** Leased jobs whose lease has run out. */
  expired(limit: number): Promise<Job[]>
}

const MS_PER_S = 1000
const DAY_MS = 86_400_000
const DONE_KEPT_MS = 7 * DAY_MS
const DEAD_KEPT_MS = 30 * DAY_MS
/** A wake-up this much early is taken: the queue's clock is not ours. */
const EARLY_MS = 1_000
const OWNER_CHARACTERS_MAX = 100
const ERROR_CHARACTERS_MAX = 2_000
const EVENT_SOURCE = 'jobs'
const LEASE_EXPIRED: JobError = { message: 'The worker stopped reporting before it was done.', code: 'lease-expired' }

/** The id that the same work always has: sha256 of kind, subject and recipe. */
export function jobIdOf(kind: JobKind, subjectId: string, recipe: string): string {
  return createHash('sha256').update(JSON.stringify([kind, subjectId, recipe])).digest('hex')
}

/** Jobs as rows of the database; the queue only wakes them. */
export function jobStore(options: { database: Database } & WriteContext): JobStore {
  const { database, now } = options
  const at = (offsetMs: number) => rfc3339(now() + offsetMs)

  async function required(tx: Pick<Transaction, 'read'>, jobId: string): Promise<Job> {
    const [row] = await tx.read(getJob(jobId))
    if (row === undefined) throw new Refusal('resource.missing', { detail: 'There is no such job.' })
    return jobOf(row)
  }

  async function held(tx: Transaction, jobId: string, token: number): Promise<Job> {
    const job = await required(tx, jobId)
    if (job.leaseToken !== token || job.state !== 'leased') throw leaseLost()
    return job
  }

  async function bury(tx: Transaction, job: Job, error: JobError): Promise<void> {
    const text = error.message.slice(0, ERROR_CHARACTERS_MAX)
    const { rows } = await tx.write(
      buryJob(job.jobId, job.leaseToken, job.state, json({ ...error, message: text }), at(DEAD_KEPT_MS)),
    )
    if (rows.length === 0) throw leaseLost()
    const data = { job_id: job.jobId, kind: job.kind, subject_id: job.subjectId, error: text }
    await appendEvent(tx, { source: EVENT_SOURCE, type: 'job.dead', subject: job.subjectId, data }, options)
  }

  async function putBack(tx: Transaction, job: Job, error: JobError): Promise<void> {
    const queue = queueOf(job.kind)
    const { rows } = await tx.write(
      readyJob(job.jobId, job.leaseToken, job.state, {
        attempt: job.attempt,
        lease_token: job.leaseToken,
        ready_shard: shardOf(job.jobId),
        ready_at: at(backoffMs(queue, job.attempt, options.random)),
        last_error: json({ ...error, message: error.message.slice(0, ERROR_CHARACTERS_MAX) }),
      }),
    )
    if (rows.length === 0) throw leaseLost()
  }

  return {
    add: async (tx, { kind, subjectId, recipe, input, notBefore }) => {
      const jobId = jobIdOf(kind, subjectId, recipe)
      const traceparent = currentTraceparent()
      const readyAt = notBefore ?? at(0)
      const { rows } = await tx.write(
        insertJob({
          job_id: jobId,
          kind,
          subject_id: subjectId,
          input: json(input),
          traceparent: traceparent ?? null,
          ready_shard: shardOf(jobId),
          ready_at: readyAt,
        }),
      )
      return { jobId, kind, leaseToken: 0, readyAt, traceparent, added: rows.length > 0 }
    },

    lease: async (jobId, owner) => {
      const outcome = await database.transaction(async tx => {
        const job = await required(tx, jobId)
        const { attempts, leaseS } = queueOf(job.kind)
        const refusal = whyNot(job, now())
        if (refusal !== undefined) throw refusal
        if (job.attempt >= attempts) {
          await bury(tx, job, LEASE_EXPIRED)
          return undefined
        }
        const { rows } = await tx.write(
          leaseJob(jobId, job.leaseToken, owner.slice(0, OWNER_CHARACTERS_MAX), at(leaseS * MS_PER_S), at(0)),
        )
        const [row] = rows
        if (row === undefined) throw notReady('Another worker took the job first.', 'leased')
        return { job: jobOf(row), token: row.lease_token, leaseS }
      })
      crashPoint('job.leased')
      if (outcome === undefined) throw notReady('The job has used all its attempts.', 'dead')
      return outcome
    },

    checkpoint: async (jobId, token, data, extendS) => {
      await database.transaction(async tx => {
        const { kind } = await held(tx, jobId, token)
        const { leaseS } = queueOf(kind)
        const until = at(Math.min(extendS ?? leaseS, leaseS) * MS_PER_S)
        const statement =
          data === undefined ? extendLease(jobId, token, until) : saveCheckpoint(jobId, token, until, json(data))
        const { rows } = await tx.write(statement)
        if (rows.length === 0) throw leaseLost()
      })
    },

    finish: async (jobId, token, result, effects) => {
      await database.transaction(async tx => {
        const job = await required(tx, jobId)
        if (job.state === 'done' && job.leaseToken === token) return
        if (job.leaseToken !== token || job.state !== 'leased') throw leaseLost()
        await effects?.(tx, job)
        crashPoint('job.effects-written')
        const { rows } = await tx.write(finishJob(jobId, token, json(result ?? null), at(DONE_KEPT_MS)))
        if (rows.length === 0) throw leaseLost()
        const data = { job_id: jobId, kind: job.kind, subject_id: job.subjectId, attempt: job.attempt }
        await appendEvent(tx, { source: EVENT_SOURCE, type: 'job.done', subject: job.subjectId, data }, options)
      })
      crashPoint('job.finished')
    },

    fail: async (jobId, token, error, retryable) => {
      const job = await database.transaction(async tx => {
        const job = await held(tx, jobId, token)
        if (retryable && job.attempt < queueOf(job.kind).attempts) await putBack(tx, job, error)
        else await bury(tx, job, error)
        return required(tx, jobId)
      })
      crashPoint('job.failed')
      return job
    },

    retry: jobId =>
      database.transaction(async tx => {
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
            ready_shard: shardOf(jobId),
            ready_at: at(0),
            last_error: job.error === undefined ? null : json(job.error),
          }),
        )
        if (rows.length === 0) throw notReady('The job was retried by another request.', 'ready')
        return required(tx, jobId)
      }),

    get: async jobId => {
      const [row] = await database.read(getJob(jobId))
      return row === undefined ? undefined : jobOf(row)
    },
    ready: async (limit, olderThanMs = 0) => (await database.read(readyJobs(at(-olderThanMs), limit))).map(jobOf),
    expired: async limit => (await database.read(expiredJobs(at(0), limit))).map(jobOf),
  }
}

function whyNot(job: Job, nowMs: number): Refusal | undefined {
  if (job.state === 'done' || job.state === 'dead') return notReady(`The job is ${job.state}.`, job.state)
  if (job.state === 'leased' && Date.parse(job.leaseUntil ?? '') >= nowMs) {
    return notReady('Another worker holds the job.', 'leased')
  }
  const earlyMs = job.state === 'ready' ? Date.parse(job.readyAt ?? '') - nowMs : 0
  if (earlyMs > EARLY_MS) return notReady('The job is to run later.', 'ready', earlyMs / MS_PER_S)
  return undefined
}

function jobOf(row: JobRow): Job {
  return {
    jobId: row.job_id,
    kind: row.kind as JobKind,
    subjectId: row.subject_id,
    state: row.state,
    attempt: row.attempt,
    input: row.input,
    checkpoint: row.checkpoint ?? undefined,
    result: row.result ?? undefined,
    error: (row.last_error ?? undefined) as JobError | undefined,
    leaseToken: row.lease_token,
    leaseOwner: row.lease_owner ?? undefined,
    leaseUntil: row.lease_until ?? undefined,
    readyAt: row.ready_at ?? undefined,
    createdAt: row.created_at,
    traceparent: row.traceparent ?? undefined,
  }
}

function shardOf(jobId: string): number {
  return Number.parseInt(jobId.slice(0, 2), 16) % JOB_SHARDS
}

function leaseLost(): Refusal {
  return new Refusal('job.lease-lost', { detail: 'Stop: what this worker does from now on is not kept.' })
}

function notReady(detail: string, state: JobState, retryAfterS?: number): Refusal {
  return new Refusal('job.not-ready', {
    detail,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    extra: { state },
  })
}
