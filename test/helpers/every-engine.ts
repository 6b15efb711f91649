import { afterAll, beforeAll, describe } from 'vitest'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { postgresDatabase } from '#shared/ports/database/postgres-database.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import { postgresMissing, type PostgresServer, startPostgres } from './postgres-server.ts'
import { testDatabase } from './test-database.ts'

export type OpenEngine = TableEngine & AsyncDisposable

/** Opens a database of this test's own, with the whole schema. */
export type OpenFresh = () => Promise<OpenEngine>

/** Runs the suite on PGlite and, where its programs are installed, on PostgreSQL. */
export function onEveryEngine(suite: (openFresh: OpenFresh) => void): void {
  describe('on pglite', () => {
    suite(testDatabase)
  })

  const missing = postgresMissing()
  describe.skipIf(missing !== undefined)(`on postgres${missing === undefined ? '' : `: ${missing}`}`, () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres()
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
    })
    suite(async () => await postgresDatabase({ url: await server.createDatabase(), migrations: loadMigrations() }))
  })
}
