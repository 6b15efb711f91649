import { afterAll, beforeAll, describe } from 'vitest'
import type { Database } from '#shared/ports/database/database.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { missingEmulator } from './emulators/emulator-process.ts'
import { type SpannerDatabases, startSpannerDatabases } from './emulators/spanner-databases.ts'
import { spannerEmulator } from './emulators/spanner-emulator.ts'
import { onEveryEngine } from './every-engine.ts'

export type OpenDatabase = Database & AsyncDisposable

/** Opens a database of this test's own, with the whole schema. */
export type OpenDatabases = () => Promise<OpenDatabase>

/**
 * Runs the suite on PGlite and, where they are installed, on PostgreSQL and the Spanner emulator; with `serial` for
 * transactions that do not wait for each other, which the emulator then does not abort.
 */
export function onEveryDatabase(suite: (openFresh: OpenDatabases) => void, { serial = false } = {}): void {
  onEveryEngine(suite)

  const missing = missingEmulator(spannerEmulator)
  describe.skipIf(missing !== undefined)(`on spanner${missing === undefined ? '' : `: ${missing}`}`, () => {
    let databases: SpannerDatabases
    beforeAll(async () => {
      databases = await startSpannerDatabases()
    })
    afterAll(async () => {
      await databases[Symbol.asyncDispose]()
    })
    suite(async () => await spannerDatabase({ ...(await databases.create()), serial }))
  })
}
