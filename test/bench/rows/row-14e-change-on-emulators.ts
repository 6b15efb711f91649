import { spannerChangeFeed } from '../../../shared/ports/change-feed/spanner-change-feed.ts'
import { tableChangeFeed } from '../../../shared/ports/change-feed/table-change-feed.ts'
import { spannerDatabase } from '../../../shared/ports/database/spanner-database.ts'
import { missingEmulator } from '../../helpers/emulators/emulator-process.ts'
import { startSpannerDatabases } from '../../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../../helpers/emulators/spanner-emulator.ts'
import { testDatabase } from '../../helpers/test-database.ts'
import { type BenchRow, MissingPeer } from '../bench-row.ts'
import { CHANGE_WRITES, tellOfChanges, type Waiting, writeAndWait } from '../write-and-wait.ts'

/** Spanner's change stream as the emulator has it beside the embedded change feed: the same row through the same ports. */
export const changeOnEmulators: BenchRow = {
  id: '14e',
  name: 'change-on-emulators',
  title: 'write called → change handled, p50, on emulators beside embedded',
  metrics: [{ key: 'p50', title: '', unit: 'ms', goal: { atMost: 500 } }],
  rounds: 5,
  quickRounds: 1,
  ready: async ({ quick }) => {
    const missing = missingEmulator(spannerEmulator)
    if (missing !== undefined) throw new MissingPeer(missing)
    const parts = new AsyncDisposableStack()
    const databases = parts.use(await startSpannerDatabases())
    const emulated = parts.use(await spannerDatabase({ ...(await databases.create('bench')), serial: true }))
    const embedded = parts.use(await testDatabase())
    const waiting: Waiting = new Map()
    const ended = new AbortController()
    parts.defer(() => ended.abort())
    tellOfChanges(spannerChangeFeed({ database: emulated }), waiting, ended.signal)
    tellOfChanges(tableChangeFeed({ engine: embedded }), waiting, ended.signal)
    const writes = quick ? CHANGE_WRITES.quick : CHANGE_WRITES.whole
    return {
      ours: { name: 'Spanner emulator', sample: async () => ({ p50: await writeAndWait(emulated, waiting, writes) }) },
      peer: { name: 'embedded', sample: async () => ({ p50: await writeAndWait(embedded, waiting, writes) }) },
      notes: [`${writes} writes a round, one at a time`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
