import type { Statement } from './named-query.ts'

/** Why a statement failed, in the words every adapter maps its engine's errors to. */
export type DatabaseErrorKind =
  /** A unique value exists already (PostgreSQL 23505, Spanner ALREADY_EXISTS). */
  | 'conflict'
  /** A row the statement refers to does not exist (23503, NOT_FOUND). */
  | 'missing'
  /** The statement or a value is wrong: a bug of ours (22xxx, 42xxx, INVALID_ARGUMENT). */
  | 'invalid'
  /** The engine is away, full or timed out; the same call may succeed later. */
  | 'unavailable'

/** A failed statement; never carries the SQL text's values. */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind
  readonly statement: string

  constructor(kind: DatabaseErrorKind, statement: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DatabaseError'
    this.kind = kind
    this.statement = statement
  }
}

/** Runs named queries. Rows come back alike on every engine: bigint as number, timestamptz as RFC 3339 UTC text with milliseconds, jsonb parsed, bytea as Uint8Array. */
export interface Reader {
  read<Row>(statement: Statement<Row>): Promise<Row[]>
}

/** Reads and writes of one transaction; a write's rows are those of its RETURNING clause. */
export interface Transaction extends Reader {
  write<Row>(statement: Statement<Row>): Promise<{ rows: Row[]; changed: number }>
}

/**
 * The system of record.
 *
 * `transaction(body)` commits when the body resolves and rolls back when it throws. The body may run several times
 * (Spanner aborts and retries), so its statements are its only effects, and it never awaits the outside world.
 * Isolation is serializable as far as the engine gives it: a concurrent change of a row that was read makes one of the
 * two run again. Throws `DatabaseError`.
 */
export interface Database extends Reader {
  transaction<Result>(body: (tx: Transaction) => Promise<Result>, options?: { signal?: AbortSignal }): Promise<Result>
  /** Resolves when the engine answers a trivial query. */
  ping(signal?: AbortSignal): Promise<void>
}
