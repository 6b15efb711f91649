import { Client, type CustomTypesConfig, DatabaseError as PgError, Pool, type PoolClient, types } from 'pg'
import { type Database, DatabaseError, type Transaction } from './database.ts'
import type { Migrations } from './load-migrations.ts'
import type { Statement } from './named-query.ts'
import { ROW_VALUES } from './row-values.ts'
import { runMigrations } from './run-migrations.ts'
import { databaseError, type EngineFailure, mayRunAgain } from './sql-state.ts'
import type { TableEngine } from './table-engine.ts'

export type PostgresOptions = {
  /** `postgres://…`, or `postgres:///name?host=/socket/directory`. */
  url: string
  migrations: Migrations
  connectionsMax?: number
}

const CONNECTIONS_MAX_DEFAULT = 10
const CONNECT_MS_MAX = 5_000
const STATEMENT_MS_MAX = 10_000
/** How often a transaction that met another one runs again. */
const TRIES_MAX = 20
/** Longest pause before it does, in ms; doubled from 1 ms, with jitter. */
const PAUSE_MS_MAX = 100
/** Any number will do, as long as every process that migrates takes the same. */
const MIGRATION_LOCK = 7_266_211
/** Pause before a lost LISTEN connection is made again, in ms. */
const RELISTEN_MS = 500

type Answer<Row> = { rows: Row[]; changed: number }

/** PostgreSQL 15 or newer over a pool; transactions are serializable and run again when they met another one. */
export async function postgresDatabase(options: PostgresOptions): Promise<TableEngine & AsyncDisposable> {
  const pool = new Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    // A server that is cut off ends no statement: its connection is given up on this side.
    query_timeout: STATEMENT_MS_MAX + CONNECT_MS_MAX,
    options: '-c TimeZone=UTC -c search_path=public',
    types: { getTypeParser: valueParser },
  })
  // An idle connection that breaks is replaced at the next use; its error says nothing to anyone.
  pool.on('error', () => undefined)
  // Nor does that of one that breaks between two statements of a transaction: the next statement tells.
  pool.on('connect', client => client.on('error', () => undefined))
  try {
    await migrate(pool, options.migrations)
  } catch (error) {
    await pool.end()
    throw error
  }
  const alone = async <Row>(statement: Statement<Row>): Promise<Answer<Row>> =>
    await again(async () => await run(pool, statement))
  const listeners = new Set<AsyncDisposable>()

  return {
    read: async statement => (await alone(statement)).rows,
    execute: alone,
    transaction: async (body, { signal } = {}) => await again(async () => await once(pool, body, signal), signal),
    async ping() {
      await alone({ name: 'ping', sql: 'SELECT 1', parameters: [] })
    },
    async listen(channel, onNotify) {
      const listener = await keepListening(options.url, channel, onNotify)
      listeners.add(listener)
      return listener
    },
    async [Symbol.asyncDispose]() {
      for (const listener of listeners) await listener[Symbol.asyncDispose]()
      await pool.end()
    },
  } satisfies Database & TableEngine & AsyncDisposable
}

const valueParser: CustomTypesConfig['getTypeParser'] = (oid, format) =>
  ROW_VALUES[oid] ?? (types.getTypeParser(oid, format) as (text: string) => unknown)

/** Runs the work until it meets no other transaction. */
async function again<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RunAgain)) throw error
      if (tries === TRIES_MAX) throw databaseError(error.statement, { message: 'too many conflicts', code: error.code })
      const pauseMs = Math.min(PAUSE_MS_MAX, 2 ** tries) * (0.5 + Math.random() / 2)
      await new Promise(resolve => setTimeout(resolve, pauseMs))
    }
  }
}

/** The engine asks for the whole transaction again. */
class RunAgain extends Error {
  readonly statement: string
  readonly code: string

  constructor(statement: string, code: string) {
    super(`${statement} met another transaction (SQLSTATE ${code}).`)
    this.statement = statement
    this.code = code
  }
}

async function once<Result>(
  pool: Pool,
  body: (tx: Transaction) => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const client = await connect(pool)
  let broken = false
  let open = true
  const write: Transaction['write'] = async statement => {
    if (!open) throw new DatabaseError('invalid', statement.name, `${statement.name}: its transaction is over.`)
    signal?.throwIfAborted()
    return await run(client, statement)
  }
  const control = async (sql: string): Promise<void> => {
    await run(client, { name: sql.toLowerCase(), sql, parameters: [] })
  }
  try {
    await control('BEGIN ISOLATION LEVEL SERIALIZABLE')
    const result = await body({ write, read: async statement => (await write(statement)).rows })
    open = false
    await control('COMMIT')
    return result
  } catch (error) {
    open = false
    await control('ROLLBACK').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw databaseError('connect', { message: error instanceof Error ? error.message : String(error) })
  }
}

async function run<Row>(on: Pool | PoolClient, { name, sql, parameters }: Statement<Row>): Promise<Answer<Row>> {
  try {
    const values = parameters.map(value => (value instanceof Uint8Array ? Buffer.from(value) : value))
    const { rows, rowCount } = await on.query(sql, values)
    return { rows: rows as Row[], changed: rowCount ?? 0 }
  } catch (error) {
    const failure: EngineFailure = error instanceof PgError ? error : { message: String(error) }
    if (mayRunAgain(failure)) throw new RunAgain(name, failure.code ?? '')
    throw databaseError(name, failure)
  }
}

async function migrate(pool: Pool, migrations: Migrations): Promise<void> {
  const client = await connect(pool)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await runMigrations(
      {
        exec: async sql => {
          await client.query(sql)
        },
        query: async (sql, parameters) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
      },
      migrations,
    )
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK])
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** A connection of its own that listens, made again whenever it is lost; each new one calls back once, as something may have been missed. */
async function keepListening(
  url: string,
  channel: string,
  onNotify: (payload: string) => void,
): Promise<AsyncDisposable> {
  let client: Client | undefined
  let done = false
  let timer: NodeJS.Timeout | undefined
  const again = (): void => {
    client = undefined
    if (!done) timer = setTimeout(() => void start().then(() => onNotify(''), again), RELISTEN_MS)
  }
  const start = async (): Promise<void> => {
    const next = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX })
    next.on('notification', ({ payload }) => onNotify(payload ?? ''))
    next.on('error', () => undefined)
    await next.connect()
    await next.query(`LISTEN ${channel}`)
    next.on('end', again)
    client = next
  }
  await start()
  return {
    async [Symbol.asyncDispose]() {
      done = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
