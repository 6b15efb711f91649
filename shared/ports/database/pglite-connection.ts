import { AsyncLocalStorage } from 'node:async_hooks'
import { dirname } from 'node:path'
import { DatabaseError } from './database.ts'
import { type DiskReserve, diskReserve } from './disk-reserve.ts'
import type { Statement } from './named-query.ts'
import { oneAtATime, TurnTimeout } from './one-at-a-time.ts'
import type { PgliteWorkerData } from './pglite-rpc.ts'
import { PgliteFailure, type PgliteThread, startPgliteThread } from './pglite-thread.ts'
import { databaseError } from './sql-state.ts'

/** Longest wait for the one connection, in ms; then the caller is told that the database is not available. */
const TURN_MS_MAX = 10_000
/** Callers that may wait at once; more are refused at the door. */
const WAITING_MAX = 5_000
/** Writes between two vacuums with a checkpoint. */
const MAINTENANCE_EVERY_WRITES = 10_000
const CLOSE_MS_MAX = 8_000
/**
 * Free space below which nothing is written any more, in bytes. The engine needs up to two log segments of 16 MB to go on;
 * one that cannot write its log does not fail a statement but breaks off.
 */
const RESERVE_BYTES = 48 * 1024 * 1024
const BROKEN = 'the embedded engine broke off and is opened again'

type Answer<Row> = { rows: Row[]; changed: number }

/** The one serial connection to the engine: gives out turns, reopens what broke, and speaks the port's errors. */
export class PgliteConnection {
  readonly #settings: PgliteWorkerData
  readonly #reserve: DiskReserve
  readonly #turns = oneAtATime()
  readonly #listeners = new Map<string, Set<(payload: string) => void>>()
  readonly #inTransaction = new AsyncLocalStorage<{ open: boolean }>()
  #thread: PgliteThread | undefined
  #writes = 0
  #closed = false

  constructor(settings: PgliteWorkerData) {
    this.#settings = settings
    this.#reserve = diskReserve(dirname(settings.data), RESERVE_BYTES)
  }

  /** Opens the engine if it is not open. */
  async open(): Promise<PgliteThread> {
    if (this.#thread?.alive() === true) return this.#thread
    const thread = await startPgliteThread(this.#settings, (channel, payload) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload)
    })
    for (const channel of this.#listeners.keys()) await thread.request({ op: 'listen', channel })
    this.#thread = thread
    return thread
  }

  /** Runs the work while nobody else does; refuses a caller that is inside a transaction of its own. */
  async turn<Result>(name: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.#inTransaction.getStore()?.open === true) {
      throw new DatabaseError('invalid', name, `${name}: inside a transaction only its own reads and writes may run.`)
    }
    const leave = await this.#enter(name, signal)
    try {
      if (this.#closed) throw new DatabaseError('unavailable', name, `${name}: the database is closed.`)
      await this.open()
      return await work()
    } catch (error) {
      if (!(error instanceof PgliteFailure)) throw error
      await this.#discardIfBroken(error)
      throw portError(name, error)
    } finally {
      leave()
    }
  }

  /** Runs one statement, which may be a write or a mere read; `begin` opens a transaction before it. Only within a turn. */
  async run<Row>(statement: Statement<Row>, does: 'write' | 'read', begin = false): Promise<Answer<Row>> {
    const { name, sql, parameters } = statement
    if (does === 'write' && !(await this.#reserve.hasRoom())) {
      throw new DatabaseError('unavailable', name, `${name}: the disk of the database is full.`)
    }
    const thread = await this.open()
    try {
      const answer = await thread.request({ op: 'run', sql, parameters, begin })
      this.#writes += answer.changed
      return answer as Answer<Row>
    } catch (error) {
      if (!(error instanceof PgliteFailure)) throw error
      await this.#discardIfBroken(error)
      throw portError(name, error)
    }
  }

  async commit(): Promise<void> {
    if (this.#thread?.alive() !== true) throw new DatabaseError('unavailable', 'commit', `commit: ${BROKEN}.`)
    await this.#thread.request({ op: 'commit' })
  }

  async rollback(): Promise<void> {
    if (this.#thread?.alive() === true) await this.#thread.request({ op: 'rollback' })
  }

  /** Marks what `body` awaits as inside a transaction until the scope is closed. */
  async scoped<Result>(scope: { open: boolean }, body: () => Promise<Result>): Promise<Result> {
    return await this.#inTransaction.run(scope, body)
  }

  async listen(channel: string, onNotify: (payload: string) => void): Promise<AsyncDisposable> {
    const group = this.#listeners.get(channel) ?? new Set()
    group.add(onNotify)
    if (!this.#listeners.has(channel)) {
      this.#listeners.set(channel, group)
      await this.turn('listen', async () => await (await this.open()).request({ op: 'listen', channel }))
    }
    return {
      async [Symbol.asyncDispose]() {
        group.delete(onNotify)
      },
    }
  }

  /** Vacuums and checkpoints once enough was written: this engine has no background workers that would. */
  maintain(): void {
    if (this.#writes < MAINTENANCE_EVERY_WRITES) return
    this.#writes = 0
    const work = async () => await (await this.open()).request({ op: 'maintain' })
    // Nobody waits for it; when it fails the next round tries again.
    this.#inTransaction.exit(() => void this.turn('maintenance', work).catch(() => undefined))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const leave = await this.#turns.take(CLOSE_MS_MAX).catch(() => () => undefined)
    this.#closed = true
    try {
      const late = AbortSignal.timeout(CLOSE_MS_MAX)
      const closing = this.#thread?.alive() === true ? this.#thread.request({ op: 'close' }) : Promise.resolve()
      await Promise.race([closing, new Promise(resolve => late.addEventListener('abort', resolve))]).catch(
        () => undefined,
      )
      await this.#thread?.terminate()
    } finally {
      leave()
    }
  }

  async #enter(name: string, signal: AbortSignal | undefined): Promise<() => void> {
    if (this.#turns.waiting() >= WAITING_MAX) throw busy(name)
    try {
      return await this.#turns.take(TURN_MS_MAX, signal)
    } catch (error) {
      throw error instanceof TurnTimeout ? busy(name) : error
    }
  }

  /** What the engine says of a statement has a SQLSTATE; anything else came out of its ruins. */
  async #discardIfBroken(error: PgliteFailure): Promise<void> {
    if (error.failure.code !== undefined) return
    await this.#thread?.terminate()
    this.#thread = undefined
  }
}

function portError(name: string, { failure }: PgliteFailure): DatabaseError {
  return databaseError(name, failure.code === undefined ? { message: BROKEN } : failure)
}

function busy(name: string): DatabaseError {
  return new DatabaseError('unavailable', name, `${name}: the database is busy.`)
}
