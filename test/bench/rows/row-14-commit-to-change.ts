import { plainSql } from '../../../shared/ports/database/table-engine.ts'
import type { Transaction } from '../../../shared/ports/database/database.ts'
import { tableChangeFeed } from '../../../shared/ports/change-feed/table-change-feed.ts'
import { testDatabase } from '../../helpers/test-database.ts'
import type { BenchRow } from '../bench-row.ts'
import { CHANGE_WRITES, tellOfChanges, type Waiting, writeAndWait } from '../write-and-wait.ts'

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
    tellOfChanges(tableChangeFeed({ engine: fed }), waiting, ended.signal)
    parts.use(await floor.listen('bench', id => waiting.get(id)?.()))
    await floor.execute(plainSql('bench.no-feed', 'ALTER TABLE domain_events DISABLE TRIGGER USER'))
    const notify = (tx: Transaction, id: string) =>
      tx.write(plainSql('bench.notify', `SELECT pg_notify('bench', $1)`, [id]))
    const writes = quick ? CHANGE_WRITES.quick : CHANGE_WRITES.whole
    return {
      ours: { name: 'change feed', sample: async () => ({ p50: await writeAndWait(fed, waiting, writes) }) },
      peer: {
        name: 'LISTEN/NOTIFY floor',
        sample: async () => ({ p50: await writeAndWait(floor, waiting, writes, notify) }),
      },
      notes: [`${writes} writes a round, one at a time, on the embedded PostgreSQL`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
