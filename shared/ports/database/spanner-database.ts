import { type Database as Client, protos, Spanner, type Transaction as ClientTransaction } from '@google-cloud/spanner'
import { type Database, DatabaseError, type Transaction } from './database.ts'
import type { Statement } from './named-query.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { isAborted, spannerError } from './spanner-failure.ts'
import { commitStamps, type StampedTable } from './spanner-stamps.ts'
import { needsTypes, type ParameterTypes, readerValue, spannerParameters } from './spanner-values.ts'

export type SpannerOptions = {
  projectId: string
  instance: string
  database: string
  /** Runs one transaction after the other: the emulator aborts all but one of those that are open at once. */
  serial?: boolean
}

/** Longest wait for one statement, in ms; the client tries it again within that time. */
const STATEMENT_MS_MAX = 10_000
/** How often a transaction that met another one runs again. */
const TRIES_MAX = 40
/** Longest pause before it does, in ms; doubled from 4 ms, with jitter. */
const PAUSE_MS_MAX = 250
const PAUSE_MS_MIN = 4
/** Longest wait of a serial transaction for its turn, in ms. */
const TURN_MS_MAX = 30_000
/** Statement texts whose parameter types are remembered. */
const TYPES_REMEMBERED_MAX = 2_000
const PLAN = protos.google.spanner.v1.ExecuteSqlRequest.QueryMode.PLAN

/** Without the first, which its types do not know, every failed statement is tried for seven seconds. */
const CLIENT_OPTIONS = { gaxServerStreamingRetries: true, disableBuiltInMetrics: true }

type Answer = { rows: Record<string, unknown>[]; changed: number }
/** What runs a statement: a transaction, or the database itself for a read alone. */
type Runs = Pick<ClientTransaction, 'run'>
type Request = Parameters<ClientTransaction['run']>[0]

/** The client's own handle on the same database, for what Spanner alone has. */
export type SpannerDatabase = Database & AsyncDisposable & { readonly client: Client }

/**
 * Cloud Spanner with a database of the PostgreSQL dialect; transactions are serializable and run again when they met
 * another one.
 *
 * The schema must be there (`migrateSpanner`). Where SPANNER_EMULATOR_HOST is set the client talks to the emulator, and
 * the variables GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS, …_FOR_RW and …_PARTITIONED_OPS must be `false`.
 */
export async function spannerDatabase(options: SpannerOptions): Promise<SpannerDatabase> {
  const spanner = new Spanner({ projectId: options.projectId, ...CLIENT_OPTIONS })
  const client = spanner.instance(options.instance).database(options.database)
  const statements = statementRunner()
  const turns = options.serial === true ? oneAtATime() : undefined
  let stamped: ReadonlyMap<string, StampedTable>
  try {
    stamped = await stampedTables(client)
  } catch (error) {
    await spanner.close()
    throw spannerError('open', error)
  }
  const alone = async <Row>(statement: Statement<Row>): Promise<Row[]> => {
    const { rows } = await failing(statement.name, async () => await statements.run(client as Runs, statement))
    return rows as Row[]
  }

  return {
    client,
    read: alone,
    async transaction(body, { signal } = {}) {
      const leave = await turns?.take(TURN_MS_MAX, signal)
      try {
        return await untilCommitted(async () => await attempt(client, statements, stamped, body, signal), signal)
      } finally {
        leave?.()
      }
    },
    async ping(signal) {
      signal?.throwIfAborted()
      await alone({ name: 'ping', sql: 'SELECT 1 AS one', parameters: [] })
    },
    async [Symbol.asyncDispose]() {
      // Sessions that cannot be given back now run out by themselves.
      await client.close().catch(() => undefined)
      await spanner.close()
    },
  }
}

/** Either the body's result, committed, or the engine's wish to run all of it again. */
type Outcome<Result> = { result: Result } | { again: true }

async function untilCommitted<Result>(
  run: () => Promise<Outcome<Result>>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted()
    const outcome = await run()
    if ('result' in outcome) return outcome.result
    if (tries === TRIES_MAX) throw spannerError('transaction', { message: 'too many conflicts' })
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** tries) * (0.5 + Math.random() / 2)
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
}

async function attempt<Result>(
  client: Client,
  statements: StatementRunner,
  stamped: ReadonlyMap<string, StampedTable>,
  body: (tx: Transaction) => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Outcome<Result>> {
  return await failing('transaction', async () =>
    client.runTransactionAsync(async transaction => {
      const work = openTransaction(transaction, statements, stamped, signal)
      try {
        const result = await body(work.tx)
        await work.commit()
        return { result }
      } catch (error) {
        await work.rollback()
        if (isAborted(error) || work.aborted()) return { again: true }
        throw error
      }
    }),
  )
}

/** One transaction of the client behind the port's words. */
function openTransaction(
  transaction: ClientTransaction,
  statements: StatementRunner,
  stamped: ReadonlyMap<string, StampedTable>,
  signal: AbortSignal | undefined,
): { tx: Transaction; commit(): Promise<void>; rollback(): Promise<void>; aborted(): boolean } {
  const stamps = commitStamps(stamped)
  let open = true
  let used = false
  let aborted = false

  const write: Transaction['write'] = async <Row>(statement: Statement<Row>) => {
    if (!open) throw new DatabaseError('invalid', statement.name, `${statement.name}: its transaction is over.`)
    signal?.throwIfAborted()
    used = true
    const prepared = stamps.prepare(statement)
    try {
      const { rows, changed } = await statements.run(transaction, { ...statement, sql: prepared.sql })
      return { rows: prepared.settle(rows) as Row[], changed }
    } catch (error) {
      if (!isAborted(error)) throw spannerError(statement.name, error)
      aborted = true
      throw error
    }
  }
  return {
    tx: { write, read: async statement => (await write(statement)).rows },
    aborted: () => aborted,
    async commit() {
      open = false
      if (!used) {
        transaction.end()
        return
      }
      const last = stamps.statements()
      if (last.length > 0) {
        await transaction.batchUpdate(
          last.map(({ sql, ...rest }) => ({ sql, params: spannerParameters({ sql, ...rest }) })),
        )
      }
      await transaction.commit({ gaxOptions: { timeout: STATEMENT_MS_MAX } })
    },
    async rollback() {
      open = false
      // What cannot be rolled back runs out by itself, and holds nothing that was committed.
      if (transaction.id) await transaction.rollback().catch(() => undefined)
      else transaction.end()
    },
  }
}

type StatementRunner = { run(on: Runs, statement: Statement<unknown>): Promise<Answer> }

/** Runs statements with untyped values; asks the engine once per text for the types where they decide how a value is written. */
function statementRunner(): StatementRunner {
  const known = new Map<string, ParameterTypes>()

  const typesOf = async (on: Runs, statement: Statement<unknown>): Promise<ParameterTypes> => {
    const before = known.get(statement.sql)
    if (before !== undefined) return before
    const [, , metadata] = await on.run(request(statement.sql, {}, { queryMode: PLAN }))
    const fields = metadata?.undeclaredParameters?.fields ?? []
    const types = Object.fromEntries(fields.map(({ name, type }) => [String(name), String(type?.code)]))
    if (known.size >= TYPES_REMEMBERED_MAX) known.clear()
    known.set(statement.sql, types)
    return types
  }

  return {
    async run(on, statement) {
      const types = needsTypes(statement) ? await typesOf(on, statement) : {}
      const [rows, stats] = await on.run(request(statement.sql, spannerParameters(statement, types)))
      const decoded = (rows as unknown as Record<string, unknown>[]).map(row =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, readerValue(value)])),
      )
      return { rows: decoded, changed: Number(stats?.rowCountExact ?? decoded.length) }
    },
  }
}

function request(sql: string, params: object, more: object = {}): Request {
  return {
    sql,
    params,
    json: true,
    jsonOptions: { wrapNumbers: true },
    gaxOptions: { timeout: STATEMENT_MS_MAX },
    ...more,
  }
}

/** Runs a call of the client and speaks the port's errors; errors of the port and of the caller pass as they are. */
async function failing<Result>(statement: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof Error && 'code' in error && typeof error.code === 'number'
      ? spannerError(statement, error)
      : error
  }
}

const STAMPED = `
  SELECT c.table_name, c.column_name AS column, k.column_name AS key
  FROM information_schema.columns c
  JOIN information_schema.index_columns k
    ON k.table_name = c.table_name AND k.table_schema = 'public' AND k.index_type = 'PRIMARY_KEY'
  WHERE c.table_schema = 'public' AND c.spanner_type = 'spanner.commit_timestamp'
  ORDER BY c.table_name, k.ordinal_position`

/** Which tables want a commit timestamp, and by what their rows are known. */
async function stampedTables(client: Client): Promise<ReadonlyMap<string, StampedTable>> {
  const [rows] = await client.run(request(STAMPED, {}))
  const tables = new Map<string, StampedTable>()
  for (const { table_name: table, column, key } of rows as unknown as Record<string, string>[]) {
    if (table === undefined || column === undefined || key === undefined) continue
    tables.set(table, { table, column, key: [...(tables.get(table)?.key ?? []), key] })
  }
  return tables
}
