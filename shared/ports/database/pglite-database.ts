import { join } from 'node:path'
import { DatabaseError, type Transaction } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import type { Migrations } from './load-migrations.ts'
import type { Statement } from './named-query.ts'
import { PgliteConnection } from './pglite-connection.ts'
import type { TableEngine } from './table-engine.ts'

export type PgliteOptions = {
  /** Where the data lies; locked for this process. */
  directory: string
  /** Where new databases are copied from; shared by every database of one machine. */
  templates: string
  migrations: Migrations
}

/** Longest transaction, in ms; it holds up every other caller. */
const TRANSACTION_MS_MAX = 10_000

/**
 * PostgreSQL in a thread of this process, on a directory it owns alone: one serial connection.
 *
 * An acknowledged write is synced to the disk. A second process is refused with `DirectoryInUse`; after kill -9 the next
 * open finds everything acknowledged. An engine that breaks (a full disk can do that) fails the calls under way with
 * `unavailable` and is opened again by the next one.
 */
export async function pgliteDatabase(options: PgliteOptions): Promise<TableEngine & AsyncDisposable> {
  const { directory, templates, migrations } = options
  const lock = await lockDirectory(directory)
  const connection = new PgliteConnection({ data: join(directory, 'postgres'), templates, migrations })
  try {
    await connection.open()
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
  const alone = async <Row>(statement: Statement<Row>, does: 'write' | 'read', signal?: AbortSignal) =>
    await connection.turn(statement.name, async () => await connection.run(statement, does), signal)

  return {
    read: async statement => (await alone(statement, 'read')).rows,
    async execute(statement) {
      const answer = await alone(statement, 'write')
      connection.maintain()
      return answer
    },
    async transaction(body, { signal } = {}) {
      const result = await connection.turn('transaction', async () => await transact(connection, body, signal), signal)
      connection.maintain()
      return result
    },
    async ping(signal) {
      await alone({ name: 'ping', sql: 'SELECT 1', parameters: [] }, 'read', signal)
    },
    listen: async (channel, onNotify) => await connection.listen(channel, onNotify),
    async [Symbol.asyncDispose]() {
      await connection.close()
      await lock[Symbol.asyncDispose]()
    },
  }
}

async function transact<Result>(
  connection: PgliteConnection,
  body: (tx: Transaction) => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const scope = { open: true }
  let begun = false
  const run = async <Row>(statement: Statement<Row>, does: 'write' | 'read') => {
    if (!scope.open) throw new DatabaseError('invalid', statement.name, `${statement.name}: its transaction is over.`)
    signal?.throwIfAborted()
    const begin = !begun
    begun = true
    return await connection.run(statement, does, begin)
  }
  const tx: Transaction = {
    write: async statement => await run(statement, 'write'),
    read: async statement => (await run(statement, 'read')).rows,
  }
  try {
    const result = await inTime(connection.scoped(scope, async () => await body(tx)))
    scope.open = false
    if (begun) await connection.commit()
    return result
  } catch (error) {
    scope.open = false
    if (begun) await connection.rollback()
    throw error
  }
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const sentence = `A transaction was not finished within ${TRANSACTION_MS_MAX} ms.`
  const timer = setTimeout(
    () => late.reject(new DatabaseError('unavailable', 'transaction', sentence)),
    TRANSACTION_MS_MAX,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
