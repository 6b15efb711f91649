import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { pause } from '#shared/service/pause.ts'
import { plainSql, type TableEngine } from './table-engine.ts'
import type { TtlRule } from './translate-ddl.ts'

export type TtlSweeperOptions = {
  engine: TableEngine
  rules: readonly TtlRule[]
  now: Clock
  report?: (problem: { table: string; error: unknown }) => void
}

/** Removes what has expired, as Spanner does by itself. */
export interface TtlSweeper {
  /** One pass; tells how many rows went. Stops early, between two batches, when the signal aborts. */
  sweep(signal?: AbortSignal): Promise<number>
  /** Sweeps again and again until the signal aborts; a failed pass is reported and the next one tries again. */
  run(signal: AbortSignal): Promise<void>
}

/** Rows deleted by one statement: on the embedded engine everyone else waits for it. */
const BATCH_ROWS = 500
/** Pause between two passes, in ms. */
const EVERY_MS = 60_000
const DAY_MS = 86_400_000

export function ttlSweeper({ engine, rules, now, report }: TtlSweeperOptions): TtlSweeper {
  const deleteBatch = async (table: string, sql: string, parameters: readonly (string | number)[]): Promise<number> =>
    (await engine.execute(plainSql(`ttl.${table}`, sql, [...parameters, BATCH_ROWS]))).changed

  const untilEmpty = async (batch: () => Promise<number>, signal: AbortSignal | undefined): Promise<number> => {
    let total = 0
    for (;;) {
      const deleted = await batch()
      total += deleted
      if (deleted < BATCH_ROWS || signal?.aborted === true) return total
    }
  }

  const sweep: TtlSweeper['sweep'] = async signal => {
    let total = 0
    for (const { table, column, days } of rules) {
      const sql = `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM ${table} WHERE ${column} < $1 ORDER BY ${column} LIMIT $2))`
      const before = rfc3339(now() - days * DAY_MS)
      total += await untilEmpty(async () => await deleteBatch(table, sql, [before]), signal)
    }
    const streams = await engine.read(
      plainSql<{ name: string; retention_days: number }>(
        'ttl.streams',
        'SELECT name, retention_days FROM change_streams',
      ),
    )
    for (const { name, retention_days: days } of streams) {
      const before = rfc3339(now() - days * DAY_MS)
      total += await untilEmpty(async () => await deleteBatch('changes', FORGOTTEN_CHANGES, [name, before]), signal)
    }
    return total
  }

  return {
    sweep,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await sweep(signal)
        } catch (error) {
          report?.({ table: 'all', error })
        }
        await pause(EVERY_MS, signal)
      }
    },
  }
}

/** Changes nobody read within the stream's retention; the oldest come first by key. */
const FORGOTTEN_CHANGES = `
  DELETE FROM changes WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM (SELECT ctid, committed_at FROM changes WHERE stream = $1 ORDER BY xid, change_id LIMIT $3) oldest
    WHERE committed_at < $2))`
