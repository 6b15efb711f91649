import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sqlStatements } from './sql-statements.ts'
import { POSTGRES_PRELUDE, translateDdl, type TtlRule } from './translate-ddl.ts'

/** One migration as PostgreSQL runs it; `name` is what the engine remembers it by. */
export type Migration = { name: string; checksum: string; statements: readonly string[] }

/** Everything a PostgreSQL engine needs to hold the schema. */
export type Migrations = {
  list: readonly Migration[]
  ttl: readonly TtlRule[]
  /** Names this exact schema; a template directory is cached under it. */
  hash: string
}

/** Reads `migrations/` (Spanner dialect, translated) and `embedded-migrations/` (as they are), in the order of their names. */
export function loadMigrations(folder: string = import.meta.dirname): Migrations {
  const primaryKeys = new Map<string, string>()
  const ttl: TtlRule[] = []
  const list: Migration[] = [migration('prelude', POSTGRES_PRELUDE)]
  for (const { name, statements } of read(join(folder, 'migrations'))) {
    const translated = translateDdl(statements, primaryKeys)
    ttl.push(...translated.ttl)
    list.push(migration(`schema/${name}`, translated.statements))
  }
  for (const { name, statements } of read(join(folder, 'embedded-migrations'))) {
    list.push(migration(`embedded/${name}`, statements))
  }
  return { list, ttl, hash: sha256(list.map(({ name, checksum }) => `${name} ${checksum}`).join('\n')).slice(0, 16) }
}

function read(folder: string): { name: string; statements: string[] }[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.sql'))
  return files.sort().map(file => ({
    name: file.slice(0, -'.sql'.length),
    statements: sqlStatements(readFileSync(join(folder, file), 'utf8')),
  }))
}

function migration(name: string, statements: readonly string[]): Migration {
  return { name, statements, checksum: sha256(statements.join(';\n')) }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
