import type { Selectable } from 'kysely'
import type { JobState } from '#shared/domain/state-machine.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type JobRow = Selectable<Tables['jobs']>

/** Time-ordered lists are spread over this many ranges. */
export const JOB_SHARDS = 16

const ALL_SHARDS = Array.from({ length: JOB_SHARDS }, (_, shard) => shard)
const SAMPLE_TIME = '2026-01-01T00:00:00.000Z'
const SAMPLE_ID = 'a'.repeat(64)

type NewJob = {
  job_id: string
  kind: string
  subject_id: string
  owner_id: string | null
  input: string
  traceparent: string | null
  ready_shard: number
  ready_at: string
  created_at: string
}

export const insertJob = namedQuery(
  'job.insert',
  [
    {
      job_id: SAMPLE_ID,
      kind: 'archive-stream',
      subject_id: 'strm_sample',
      owner_id: null,
      input: '{}',
      traceparent: null,
      ready_shard: 0,
      ready_at: SAMPLE_TIME,
      created_at: SAMPLE_TIME,
    },
  ],
  (job: NewJob) =>
    tables
      .insertInto('jobs')
      .values({ ...job, state: 'ready' })
      .onConflict(conflict => conflict.column('job_id').doNothing())
      .returning('job_id'),
)

export const getJob = namedQuery('job.get', [SAMPLE_ID], (jobId: string) =>
  tables.selectFrom('jobs').selectAll().where('job_id', '=', jobId),
)

/** Takes the lease only from the state and token that were read: of two takers one changes no row. */
export const leaseJob = namedQuery(
  'job.lease',
  [SAMPLE_ID, 0, 'worker', SAMPLE_TIME, SAMPLE_TIME],
  (jobId: string, token: number, owner: string, until: string, now: string) =>
    tables
      .updateTable('jobs')
      .set(eb => ({
        state: 'leased' as const,
        attempt: eb('attempt', '+', 1),
        lease_owner: owner,
        lease_token: eb('lease_token', '+', 1),
        lease_until: until,
        ready_shard: null,
        ready_at: null,
      }))
      .where('job_id', '=', jobId)
      .where('lease_token', '=', token)
      .where(eb =>
        eb.or([eb('state', '=', 'ready'), eb.and([eb('state', '=', 'leased'), eb('lease_until', '<', now)])]),
      )
      .returningAll(),
)

export const extendLease = namedQuery(
  'job.extend-lease',
  [SAMPLE_ID, 1, SAMPLE_TIME],
  (jobId: string, token: number, until: string) =>
    tables
      .updateTable('jobs')
      .set({ lease_until: until })
      .where('job_id', '=', jobId)
      .where('lease_token', '=', token)
      .where('state', '=', 'leased')
      .returning('job_id'),
)

export const saveCheckpoint = namedQuery(
  'job.checkpoint',
  [SAMPLE_ID, 1, SAMPLE_TIME, '{}'],
  (jobId: string, token: number, until: string, checkpoint: string) =>
    tables
      .updateTable('jobs')
      .set({ lease_until: until, checkpoint })
      .where('job_id', '=', jobId)
      .where('lease_token', '=', token)
      .where('state', '=', 'leased')
      .returning('job_id'),
)

export const finishJob = namedQuery(
  'job.finish',
  [SAMPLE_ID, 1, '{}', SAMPLE_TIME],
  (jobId: string, token: number, result: string, purgeAt: string) =>
    tables
      .updateTable('jobs')
      .set({ state: 'done', result, lease_until: null, purge_at: purgeAt })
      .where('job_id', '=', jobId)
      .where('lease_token', '=', token)
      .where('state', '=', 'leased')
      .returning('job_id'),
)

/** Puts a job back: after a failure or a lost lease (`from` leased) or by hand (`from` dead, attempts counted anew). */
export const readyJob = namedQuery(
  'job.ready-again',
  [SAMPLE_ID, 1, 'leased', { attempt: 1, lease_token: 1, ready_shard: 0, ready_at: SAMPLE_TIME, last_error: null }],
  (
    jobId: string,
    token: number,
    from: JobState,
    next: { attempt: number; lease_token: number; ready_shard: number; ready_at: string; last_error: string | null },
  ) =>
    tables
      .updateTable('jobs')
      .set({ ...next, state: 'ready', lease_owner: null, lease_until: null, purge_at: null })
      .where('job_id', '=', jobId)
      .where('lease_token', '=', token)
      .where('state', '=', from)
      .returning('job_id'),
)

export const buryJob = namedQuery(
  'job.bury',
  [SAMPLE_ID, 1, 'leased', '{}', SAMPLE_TIME],
  (jobId: string, token: number, from: JobState, error: string, purgeAt: string) =>
    tables
      .updateTable('jobs')
      .set({
        state: 'dead',
        last_error: error,
        lease_until: null,
        ready_shard: null,
        ready_at: null,
        purge_at: purgeAt,
      })
      .where('job_id', '=', jobId)
      .where('lease_token', '=', token)
      .where('state', '=', from)
      .returning('job_id'),
)

export const readyJobs = namedQuery('job.list-ready', [SAMPLE_TIME, 100], (before: string, limit: number) =>
  tables
    .selectFrom('jobs')
    .selectAll()
    .where('ready_shard', 'in', ALL_SHARDS)
    .where('ready_at', '<=', before)
    .orderBy('ready_at')
    .limit(limit),
)

export const expiredJobs = namedQuery('job.list-expired', [SAMPLE_TIME, 100], (now: string, limit: number) =>
  tables
    .selectFrom('jobs')
    .selectAll()
    .where('lease_until', 'is not', null)
    .where('lease_until', '<', now)
    .where('state', '=', 'leased')
    .orderBy('lease_until')
    .limit(limit),
)

type Listed = { ownerId?: string | undefined; state?: JobState | undefined; before?: JobPlace | undefined }
type JobPlace = { createdAt: string; jobId: string }

/** Newest first; everyone's by a scan, which is for administrators and bounded by the days that jobs are kept. */
export const listJobs = namedQuery(
  'job.list',
  [{ ownerId: 'crtr_sample', state: 'dead', before: { createdAt: SAMPLE_TIME, jobId: SAMPLE_ID } }, 50],
  ({ ownerId, state, before }: Listed, limit: number) => {
    let query = tables.selectFrom('jobs').selectAll()
    if (ownerId !== undefined) query = query.where('owner_id', '=', ownerId)
    if (state !== undefined) query = query.where('state', '=', state)
    if (before !== undefined) {
      query = query.where(eb =>
        eb.or([
          eb('created_at', '<', before.createdAt),
          eb.and([eb('created_at', '=', before.createdAt), eb('job_id', '<', before.jobId)]),
        ]),
      )
    }
    return query.orderBy('created_at', 'desc').orderBy('job_id', 'desc').limit(limit)
  },
)
