import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'

/** Template directories of every test run on this machine. */
export const TEMPLATES = join(import.meta.dirname, '../../.cache/templates')

/** A fresh embedded database with the whole schema; its directory goes when it is disposed. */
export async function testDatabase(): Promise<TableEngine & AsyncDisposable> {
  const directory = mkdtempSync(join(tmpdir(), 'showreel-db-'))
  const database = await pgliteDatabase({ directory, templates: TEMPLATES, migrations: loadMigrations() })
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
