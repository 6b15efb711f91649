import { randomUUID } from 'node:crypto'
import { plainSql, type TableEngine } from '../../../shared/ports/database/table-engine.ts'
import { tableChangeFeed } from '../../../shared/ports/change-feed/table-change-feed.ts'
import { testDatabase } from '../../helpers/test-database.ts'
import type { BenchRow } from '../bench-row.ts'
import { median } from '../quartiles.ts'

/** Writes of one round, one after the other. */
const WRITES = { whole: 200, quick: 30 }
/** Longest wait for one change, in ms. */
const CHANGE_MS_MAX = 10_000

/** Who waits for which event id. */
type Waiting = Map<string, () => void>

function insertEvent(eventId: string) {
  return plainSql(
    'bench.insert-event',
    `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
     VALUES ('bench', $1, 1, $1, 'marker.added', now(), '{}')`,
    [eventId],
  )
}

/** Writes one row after the other and gives the median ms from the call to the moment somebody was told of it. */
async function writeAndWait(engine: TableEngine, waiting: Waiting, writes: number, notify: boolean): Promise<number> {
  const latencies: number[] = []
  for (let index = 0; index < writes; index += 1) {
    const id = randomUUID()
    const told = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Nobody was told of ${id}.`)), CHANGE_MS_MAX)
      waiting.set(id, () => {
        clearTimeout(timer)
        resolve()
      })
    })
    const startedAt = performance.now()
    await engine.transaction(async tx => {
      await tx.write(insertEvent(id))
      if (notify) await tx.write(plainSql('bench.notify', `SELECT pg_notify('bench', $1)`, [id]))
    })
    await told
    latencies.push(performance.now() - startedAt)
    waiting.delete(id)
  }
  return median(latencies)
}

/** Commit to change handled through the change feed, beside a bare NOTIFY of the same transaction to a listener. */
export const commitToChange: BenchRow = {
  id: '14',
  name: 'commit-to-change',
  title: 'write called → change handled, p50',
  metrics: [{ key: 'p50', title: '', unit: 'ms', goal: { atMost: 20 } }],
  rounds: 7,
  quickRounds: 2,
  ready: async ({ quick }) => {
    const parts = new AsyncDisposableStack()
    const fed = parts.use(await testDatabase())
    const floor = parts.use(await testDatabase())
    const waiting: Waiting = new Map()
    const ended = new AbortController()
    parts.defer(() => ended.abort())
    const following = tableChangeFeed({ engine: fed }).follow(
      { reader: 'bench', tables: ['domain_events'], signal: ended.signal },
      changes => {
        for (const { row } of changes) waiting.get(String(row['event_id']))?.()
        return Promise.resolve()
      },
    )
    following.catch(() => undefined)
    parts.use(await floor.listen('bench', id => waiting.get(id)?.()))
    await floor.execute(plainSql('bench.no-feed', 'ALTER TABLE domain_events DISABLE TRIGGER USER'))
    const writes = quick ? WRITES.quick : WRITES.whole
    return {
      ours: { name: 'change feed', sample: async () => ({ p50: await writeAndWait(fed, waiting, writes, false) }) },
      peer: {
        name: 'LISTEN/NOTIFY floor',
        sample: async () => ({ p50: await writeAndWait(floor, waiting, writes, true) }),
      },
      notes: [`${writes} writes a round, one at a time, on the embedded PostgreSQL`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
