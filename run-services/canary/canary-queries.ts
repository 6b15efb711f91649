import type { Selectable } from 'kysely'
import type { CanaryMark, Plane } from '#shared/domain/canary.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type CanaryRow = Selectable<Tables['canary_runs']>

const RUN = 'cnry_sample'
const TIME = '2026-01-01T00:00:00.000Z'

type NewRun = { run_id: string; route: string; plane: Plane; channel_id: string; state: 'running'; started_at: string }

export const insertRun = namedQuery(
  'canary.insert-run',
  [{ run_id: RUN, route: 'local', plane: 'selfhost', channel_id: 'chan_sample', state: 'running', started_at: TIME }],
  (run: NewRun) => tables.insertInto('canary_runs').values(run),
)

export const getRun = namedQuery('canary.get-run', [RUN], (runId: string) =>
  tables.selectFrom('canary_runs').selectAll().where('run_id', '=', runId),
)

/** Runs that began before a place, newest first. */
export const listRuns = namedQuery(
  'canary.list-runs',
  [TIME, RUN, undefined, 21],
  (startedAt: string, runId: string, route: string | undefined, limit: number) => {
    const behind = tables
      .selectFrom('canary_runs')
      .selectAll()
      .where('started_at', '<=', startedAt)
      .where(eb => eb.or([eb('started_at', '<', startedAt), eb('run_id', '<', runId)]))
    return (route === undefined ? behind : behind.where('route', '=', route))
      .orderBy('started_at', 'desc')
      .orderBy('run_id', 'desc')
      .limit(limit)
  },
)

/** Gives the row only to the first verdict. */
export const endRun = namedQuery(
  'canary.end-run',
  [RUN, { state: 'held', failure: null, ended_at: TIME, hops: '[]' }],
  (
    runId: string,
    end: { state: 'held' | 'breached' | 'failed'; failure: string | null; ended_at: string; hops: string },
  ) =>
    tables
      .updateTable('canary_runs')
      .set(end)
      .where('run_id', '=', runId)
      .where('state', '=', 'running')
      .returningAll(),
)

/** The newest run that is under way on a channel, by the channel's id. */
export const runOnChannel = namedQuery('canary.run-on-channel', ['chan_sample'], (channelId: string) =>
  tables
    .selectFrom('canary_runs')
    .select(['run_id', 'started_at'])
    .where('channel_id', '=', channelId)
    .where('state', '=', 'running')
    .orderBy('started_at', 'desc')
    .limit(1),
)

/** The channel that the media plane knows under that reference. */
export const channelByRef = namedQuery('canary.channel-by-ref', ['ref_sample'], (ref: string) =>
  tables.selectFrom('channels').select('channel_id').where('provider_ref', '=', ref),
)

/** Whose channel it is. */
export const channelOwner = namedQuery('canary.channel-owner', ['chan_sample'], (channelId: string) =>
  tables.selectFrom('channels').select('creator_id').where('channel_id', '=', channelId),
)

/** The first time something was seen stays. */
export const insertMark = namedQuery(
  'canary.insert-mark',
  [RUN, 'reported', TIME],
  (runId: string, mark: CanaryMark, at: string) =>
    tables
      .insertInto('canary_marks')
      .values({ run_id: runId, mark, at })
      .onConflict(conflict => conflict.columns(['run_id', 'mark']).doNothing()),
)

export const marksOf = namedQuery('canary.marks-of', [[RUN]], (runIds: readonly string[]) =>
  tables
    .selectFrom('canary_marks')
    .selectAll()
    .where('run_id', 'in', runIds.length === 0 ? [''] : [...runIds]),
)
