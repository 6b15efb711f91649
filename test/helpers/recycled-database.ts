import { afterAll } from 'vitest'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import { testDatabase } from './test-database.ts'

/** Every row of the product's; what the schema itself wrote stays. Neither triggers nor keys have a say. */
const EMPTY = {
  name: 'test.empty',
  sql: `DO $$ DECLARE t record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT tablename FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT IN ('schema_migrations', 'change_streams')
    LOOP EXECUTE 'DELETE FROM ' || quote_ident(t.tablename); END LOOP;
  END $$`,
  parameters: [],
}

/** Benches run the same services outside of any test file, where nothing is recycled. */
const IN_TESTS = process.env['VITEST'] !== undefined

let idle: (TableEngine & AsyncDisposable) | undefined

/**
 * An empty embedded database with the whole schema. Tests of one file take turns with the same one, for starting an engine
 * takes longer than most of them; a test that is about the engine itself takes `testDatabase`.
 */
export async function recycledDatabase(): Promise<TableEngine & AsyncDisposable> {
  const engine = idle ?? (await testDatabase())
  if (engine === idle) await engine.execute(EMPTY)
  idle = undefined
  return {
    ...engine,
    async [Symbol.asyncDispose]() {
      if (IN_TESTS && idle === undefined) idle = engine
      else await engine[Symbol.asyncDispose]()
    },
  }
}

if (IN_TESTS) {
  afterAll(async () => {
    await idle?.[Symbol.asyncDispose]()
    idle = undefined
  })
}
