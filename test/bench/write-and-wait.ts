import { randomUUID } from 'node:crypto'
import { rfc3339 } from '../../shared/domain/clock.ts'
import type { Database, Transaction } from '../../shared/ports/database/database.ts'
import { json, namedQuery, tables } from '../../shared/ports/database/named-query.ts'
import type { ChangeFeed } from '../../shared/ports/change-feed/change-feed.ts'
import { median } from './quartiles.ts'

/** Writes of one round, one after the other. */
export const CHANGE_WRITES = { whole: 200, quick: 30 }
/** Longest wait for one change, in ms. */
const CHANGE_MS_MAX = 10_000

/** Who waits for which event id. */
export type Waiting = Map<string, () => void>

const insertEvent = namedQuery('bench.insert-event', ['evt_sample'], (eventId: string) =>
  tables.insertInto('domain_events').values({
    source: 'bench',
    subject_id: eventId,
    seq: 1,
    event_id: eventId,
    type: 'marker.added',
    occurred_at: rfc3339(Date.now()),
    trace_id: null,
    payload: json({}),
  }),
)

/** Tells whoever waits of each change the feed brings, until the signal aborts. */
export function tellOfChanges(feed: ChangeFeed, waiting: Waiting, signal: AbortSignal): void {
  const following = feed.follow({ reader: 'bench', tables: ['domain_events'], signal }, changes => {
    for (const { row } of changes) waiting.get(String(row['event_id']))?.()
    return Promise.resolve()
  })
  following.catch(() => undefined)
}

/** Writes one row after the other and gives the median ms from the call to the moment somebody was told of it. */
export async function writeAndWait(
  database: Pick<Database, 'transaction'>,
  waiting: Waiting,
  writes: number,
  also?: (tx: Transaction, id: string) => Promise<unknown>,
): Promise<number> {
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
    await database.transaction(async tx => {
      await tx.write(insertEvent(id))
      await also?.(tx, id)
    })
    await told
    latencies.push(performance.now() - startedAt)
    waiting.delete(id)
  }
  return median(latencies)
}
