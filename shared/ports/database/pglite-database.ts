import { AsyncLocalStorage } from 'node:async_hooks'
import { join } from 'node:path'
import { DatabaseError, type Transaction } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import type { Migrations } from './load-migrations.ts'
import type { Statement } from './named-query.ts'
import { oneAtATime, TurnTimeout } from './one-at-a-time.ts'
import { PgliteFailure, type PgliteRows, startPgliteThread } from './pglite-thread.ts'
import { databaseError } from './sql-state.ts'
import type { TableEngine } from './table-engine.ts'

export type PgliteOptions = {
  /** Where the data lies; locked for this process. */
  directory: string
  /** Where new databases are copied from; shared by every database of one machine. */
  templates: string
  migrations: Migrations
}

/** Longest wait for the one connection, in ms; then the caller is told that the database is not available. */
const TURN_MS_MAX = 10_000
/** Longest transaction, in ms; it holds up every other caller. */
const TRANSACTION_MS_MAX = 10_000
/** Writes between two vacuums with a checkpoint. */
const MAINTENANCE_EVERY_WRITES = 10_000
const CLOSE_MS_MAX = 8_000
const BROKEN = 'The embedded engine broke off; it is opened again.'

/**
 * PostgreSQL in a thread of this process, on a directory it owns alone: one serial connection.
 *
 * An acknowledged write is synced to the disk. A second process is refused with `DirectoryInUse`; after kill -9 the next
 * open finds everything acknowledged. An engine that breaks (a full disk can do that) fails the calls under way with
 * `unavailable` and is opened again by the next one.
 */
export async function pgliteDatabase(options: PgliteOptions): Promise<TableEngine & AsyncDisposable> {
  const lock = await lockDirectory(options.directory)
  const listeners = new Map<string, Set<(payload: string) => void>>()
  const settings = {
    data: join(options.directory, 'postgres'),
    templates: options.templates,
    migrations: options.migrations,
  }
  const open = async () => {
    const thread = await startPgliteThread(settings, (channel, payload) => {
      for (const listener of listeners.get(channel) ?? []) listener(payload)
    })
    for (const channel of listeners.keys()) await thread.request({ op: 'listen', channel })
    return thread
  }

  let thread = await open().catch(async (error: unknown) => {
    await lock[Symbol.asyncDispose]()
    throw error
  })
  const turns = oneAtATime()
  const inTransaction = new AsyncLocalStorage<{ open: boolean }>()
  let writes = 0
  let closed = false

  /** One turn with a living engine; whatever breaks it is told in the port's words. */
  const withTurn = async <Result>(name: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> => {
    if (inTransaction.getStore()?.open === true) {
      throw new DatabaseError('invalid', name, `${name}: inside a transaction only its own reads and writes may run.`)
    }
    let leave: () => void
    try {
      leave = await turns.take(TURN_MS_MAX, signal)
    } catch (error) {
      if (error instanceof TurnTimeout) throw new DatabaseError('unavailable', name, `${name}: the database is busy.`)
      throw error
    }
    try {
      if (closed) throw new DatabaseError('unavailable', name, `${name}: the database is closed.`)
      if (!thread.alive()) thread = await open()
      return await work()
    } catch (error) {
      if (!(error instanceof PgliteFailure)) throw error
      // Only what the engine says of a statement has a SQLSTATE; anything else came out of its ruins.
      if (error.failure.code === undefined) await thread.terminate()
      throw databaseError(name, error.failure.code === undefined ? { message: BROKEN } : error.failure)
    } finally {
      leave()
    }
  }

  const run = async <Row>(statement: Statement<Row>, begin: boolean): Promise<{ rows: Row[]; changed: number }> => {
    const { sql, parameters } = statement
    const answer: PgliteRows = await thread.request({ op: 'run', sql, parameters, begin })
    writes += answer.changed
    return answer as { rows: Row[]; changed: number }
  }

  const maintain = (): void => {
    if (writes < MAINTENANCE_EVERY_WRITES) return
    writes = 0
    // Nobody waits for it; when it fails the next round tries again.
    inTransaction.exit(() => {
      withTurn('maintenance', async () => await thread.request({ op: 'maintain' })).catch(() => undefined)
    })
  }

  const transact = async <Result>(
    body: (tx: Transaction) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> => {
    const scope = { open: true }
    let begun = false
    const statementOf = async <Row>(statement: Statement<Row>): Promise<{ rows: Row[]; changed: number }> => {
      if (!scope.open) throw new DatabaseError('invalid', statement.name, `${statement.name}: its transaction is over.`)
      signal?.throwIfAborted()
      const begin = !begun
      begun = true
      try {
        return await run(statement, begin)
      } catch (error) {
        throw error instanceof PgliteFailure && error.failure.code !== undefined
          ? databaseError(statement.name, error.failure)
          : error
      }
    }
    const tx: Transaction = {
      write: statementOf,
      read: async statement => (await statementOf(statement)).rows,
    }
    try {
      const result = await withinMs(
        TRANSACTION_MS_MAX,
        inTransaction.run(scope, async () => await body(tx)),
      )
      scope.open = false
      if (begun) await thread.request({ op: 'commit' })
      return result
    } catch (error) {
      scope.open = false
      if (begun && thread.alive()) await thread.request({ op: 'rollback' })
      throw error
    }
  }

  return {
    async read(statement) {
      return (await withTurn(statement.name, async () => await run(statement, false))).rows
    },
    async execute(statement) {
      const answer = await withTurn(statement.name, async () => await run(statement, false))
      maintain()
      return answer
    },
    async transaction(body, { signal } = {}) {
      const result = await withTurn('transaction', async () => await transact(body, signal), signal)
      maintain()
      return result
    },
    async ping(signal) {
      await withTurn('ping', async () => await run({ name: 'ping', sql: 'SELECT 1', parameters: [] }, false), signal)
    },
    async listen(channel, onNotify) {
      const known = listeners.get(channel)
      const group = known ?? new Set()
      group.add(onNotify)
      if (known === undefined) {
        listeners.set(channel, group)
        await withTurn('listen', async () => await thread.request({ op: 'listen', channel }))
      }
      return {
        async [Symbol.asyncDispose]() {
          group.delete(onNotify)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      if (closed) return
      const leave = await turns.take(CLOSE_MS_MAX).catch(() => () => undefined)
      closed = true
      try {
        if (thread.alive()) await withinMs(CLOSE_MS_MAX, thread.request({ op: 'close' })).catch(() => undefined)
        await thread.terminate()
      } finally {
        leave()
        await lock[Symbol.asyncDispose]()
      }
    },
  }
}

async function withinMs<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new DatabaseError('unavailable', 'transaction', `The database did not finish within ${ms} ms.`))
  }, ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
