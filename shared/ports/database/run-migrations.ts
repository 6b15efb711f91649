import type { Migrations } from './load-migrations.ts'

/** The one connection the migrations run on. */
export type MigrationConnection = {
  exec(sql: string): Promise<void>
  query(sql: string, parameters: readonly string[]): Promise<Record<string, unknown>[]>
}

const REMEMBERED = `CREATE TABLE IF NOT EXISTS schema_migrations (
  name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (name)
)`

/**
 * Brings the engine to the given schema; each migration is one transaction and runs once, ever.
 * Throws when a migration that already ran reads differently now: applied migrations are never edited.
 */
export async function runMigrations(connection: MigrationConnection, migrations: Migrations): Promise<number> {
  await connection.exec(REMEMBERED)
  const rows = await connection.query('SELECT name, checksum FROM schema_migrations', [])
  const applied = new Map(rows.map(row => [String(row['name']), String(row['checksum'])]))
  let ran = 0
  for (const { name, checksum, statements } of migrations.list) {
    const before = applied.get(name)
    if (before === checksum) continue
    if (before !== undefined) {
      throw new Error(`The migration ${name} was edited after it ran on this database; add a new one instead.`)
    }
    await connection.exec('BEGIN')
    try {
      for (const statement of statements) await connection.exec(statement)
      await connection.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [name, checksum])
      await connection.exec('COMMIT')
    } catch (error) {
      await connection.exec('ROLLBACK')
      throw error
    }
    ran += 1
  }
  return ran
}
