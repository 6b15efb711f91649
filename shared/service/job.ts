import { Refusal } from '#shared/domain/refusal.ts'
import type { JobState } from '#shared/domain/state-machine.ts'
import type { JobKind } from '#shared/domain/topology.ts'
import { JOB_SHARDS, type JobRow } from './job-queries.ts'

/** Work that outlives a request, as everyone but the database sees it. */
export type Job = {
  jobId: string
  kind: JobKind
  subjectId: string
  ownerId: string | undefined
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

const MS_PER_S = 1000
/** A wake-up this much early is taken: the queue's clock is not ours. */
const EARLY_MS = 1_000

/** A job as its row has it. */
export function jobOf(row: JobRow): Job {
  return {
    jobId: row.job_id,
    kind: row.kind as JobKind,
    subjectId: row.subject_id,
    ownerId: row.owner_id ?? undefined,
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

/** The range of the ready list that a job lies in. */
export function jobShard(jobId: string): number {
  return Number.parseInt(jobId.slice(0, 2), 16) % JOB_SHARDS
}

/** Why a job cannot be leased now; undefined when it can. */
export function whyNotLeased(job: Job, nowMs: number): Refusal | undefined {
  if (job.state === 'done' || job.state === 'dead') return jobNotReady(`The job is ${job.state}.`, job.state)
  if (job.state === 'leased' && Date.parse(job.leaseUntil ?? '') >= nowMs) {
    return jobNotReady('Another worker holds the job.', 'leased')
  }
  const earlyMs = job.state === 'ready' ? Date.parse(job.readyAt ?? '') - nowMs : 0
  return earlyMs > EARLY_MS ? jobNotReady('The job is to run later.', 'ready', earlyMs / MS_PER_S) : undefined
}

export function jobNotReady(detail: string, state: JobState, retryAfterS?: number): Refusal {
  return new Refusal('job.not-ready', {
    detail,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    extra: { state },
  })
}

export function leaseLost(): Refusal {
  return new Refusal('job.lease-lost', { detail: 'Stop: what this worker does from now on is not kept.' })
}
