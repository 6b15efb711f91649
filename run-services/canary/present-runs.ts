import type { Clock } from '#shared/domain/clock.ts'
import { judgeHops } from '#shared/domain/canary.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { CanaryAnswer } from './canary-answer.ts'
import { type CanaryRow, marksOf } from './canary-queries.ts'

/** A run nobody ended by then was killed, in ms; a show takes two minutes. */
const LOST_AFTER_MS = 900_000

/** The runs as the API answers them, each with what was seen of it. */
export async function presentRuns(reader: Reader, now: Clock, rows: readonly CanaryRow[]): Promise<CanaryAnswer[]> {
  const marks = rows.length === 0 ? [] : await reader.read(marksOf(rows.map(({ run_id }) => run_id)))
  return rows.map(row => ({
    id: row.run_id,
    route: row.route,
    plane: row.plane,
    channel_id: row.channel_id,
    state: row.state === 'running' && now() - Date.parse(row.started_at) > LOST_AFTER_MS ? 'lost' : row.state,
    failure: row.failure,
    started_at: row.started_at,
    ended_at: row.ended_at,
    hops: row.hops ?? judgeHops(row.plane, {}),
    marks: Object.fromEntries(marks.filter(({ run_id }) => run_id === row.run_id).map(({ mark, at }) => [mark, at])),
  }))
}
