import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Tables } from './tables.ts'

/** What may be bound to `$n`. Instants are RFC 3339 text; jsonb values are JSON text made by `json()`. */
export type Parameter = string | number | boolean | null | Uint8Array | readonly string[]

declare const rowType: unique symbol

/** One compiled statement; the same text runs on every engine. */
export type Statement<Row> = {
  readonly name: string
  readonly sql: string
  readonly parameters: readonly Parameter[]
  readonly [rowType]?: Row
}

/** A query of the code under its name, with arguments a test can run it with on an empty database. */
export type NamedQuery<Args extends readonly unknown[], Row> = ((...args: Args) => Statement<Row>) & {
  readonly queryName: string
  readonly sample: Args
}

/** Builds statements typed against the schema; never executes. */
export const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

const registry = new Map<string, NamedQuery<readonly never[], unknown>>()

/**
 * Declares a query. `sample` is bound when the contract suite runs EVERY named query on every engine, so a statement
 * that one engine refuses fails there and not in production. Names are unique, `<noun>.<verb>`.
 */
export function namedQuery<Args extends readonly unknown[], Row>(
  name: string,
  sample: NoInfer<Args>,
  build: (...args: Args) => Compilable<Row>,
): NamedQuery<Args, Row> {
  if (registry.has(name)) throw new Error(`Two queries are named ${name}.`)
  const query = Object.assign(
    (...args: Args): Statement<Row> => {
      const { sql, parameters } = build(...args).compile()
      return { name, sql, parameters: parameters as readonly Parameter[] }
    },
    { queryName: name, sample },
  )
  registry.set(name, query as unknown as NamedQuery<readonly never[], unknown>)
  return query
}

/** Every query declared by the modules loaded so far. */
export function namedQueries(): readonly NamedQuery<readonly never[], unknown>[] {
  return [...registry.values()]
}

/** A value for a jsonb column. */
export function json(value: unknown): string {
  return JSON.stringify(value)
}
