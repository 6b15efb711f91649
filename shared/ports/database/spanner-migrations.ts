import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '@google-cloud/spanner'
import { sqlStatements } from './sql-statements.ts'

/** One file of `migrations/`, as Spanner runs it. */
export type SpannerMigration = { name: string; checksum: string; statements: readonly string[] }

const REMEMBERED = `CREATE TABLE IF NOT EXISTS schema_migrations (
  name varchar(200) NOT NULL, checksum varchar(64) NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name)
)`
const CREATES = /^CREATE (?:UNIQUE )?(?:TABLE|INDEX|CHANGE STREAM) (?<name>\w+)/
const ADDS_COLUMN = /^ALTER TABLE (?<table>\w+) ADD COLUMN (?<column>\w+)/
/** Set by the last statements of a transaction, so its rows are without it until then. */
const SET_AT_COMMIT = /(?<=spanner\.commit_timestamp) NOT NULL/g

/** Reads `migrations/` in the order of their names. */
export function loadSpannerMigrations(folder: string = join(import.meta.dirname, 'migrations')): SpannerMigration[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.sql'))
    .sort()
    .map(file => {
      const statements = sqlStatements(readFileSync(join(folder, file), 'utf8'))
      return {
        name: file.slice(0, -'.sql'.length),
        checksum: createHash('sha256').update(statements.join(';\n')).digest('hex'),
        statements: statements.map(statement => statement.replaceAll(SET_AT_COMMIT, '')),
      }
    })
}

/**
 * Brings the database to the given schema; tells how many migrations ran.
 *
 * A schema change is no transaction on Spanner: one that broke off is taken up again, leaving out what is there already.
 * Throws when a migration that already ran reads differently now. One process at a time: in the clouds, a job.
 */
export async function migrateSpanner(database: Database, migrations: readonly SpannerMigration[]): Promise<number> {
  await change(database, [REMEMBERED])
  const applied = await appliedMigrations(database)
  let ran = 0
  for (const { name, checksum, statements } of migrations) {
    const before = applied.get(name)
    if (before === checksum) continue
    if (before !== undefined) {
      throw new Error(`The migration ${name} was edited after it ran on this database; add a new one instead.`)
    }
    const there = await namesInUse(database)
    await change(
      database,
      statements.filter(statement => !there.has(nameMade(statement))),
    )
    await database.table('schema_migrations').upsert({ name, checksum })
    ran += 1
  }
  return ran
}

async function change(database: Database, statements: string[]): Promise<void> {
  if (statements.length === 0) return
  const [operation] = await database.updateSchema(statements)
  await operation.promise()
}

async function appliedMigrations(database: Database): Promise<Map<string, string>> {
  const rows = await table<{ name: string; checksum: string }>(database, 'SELECT name, checksum FROM schema_migrations')
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

const NAMES = `
  SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'
  UNION ALL SELECT index_name AS name FROM information_schema.indexes WHERE table_schema = 'public'
  UNION ALL SELECT change_stream_name AS name FROM information_schema.change_streams
  UNION ALL SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public'`

async function namesInUse(database: Database): Promise<Set<string>> {
  const rows = await table<{ name: string }>(database, NAMES)
  return new Set(rows.map(({ name }) => name))
}

/** The name a statement makes; one that makes none runs again, as often as it takes. */
function nameMade(statement: string): string {
  const made = CREATES.exec(statement)?.groups?.['name']
  if (made !== undefined) return made
  const { table: of = '', column = '' } = ADDS_COLUMN.exec(statement)?.groups ?? {}
  return `${of}.${column}`
}

async function table<Row>(database: Database, sql: string): Promise<Row[]> {
  const [rows] = await database.run({ sql, json: true })
  return rows as unknown as Row[]
}
