import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  isTaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import { Refusal } from '#shared/domain/refusal.ts'
import { type Database, DatabaseError } from '#shared/ports/database/database.ts'

export type DatabaseBounds = {
  /** Longest a read or a transaction may take, in ms. */
  withinMs: number
  /** After so many of them in a row that failed for the engine's sake, none is tried for `openMs`. */
  breaker: { failures: number; openMs: number }
}

/** What a service of a deployment grants its database; requests wait no longer. */
export const DATABASE_BOUNDS: DatabaseBounds = { withinMs: 2_000, breaker: { failures: 5, openMs: 1_000 } }

const MS_PER_S = 1_000

/**
 * A database that answers in time or not at all: what takes too long, and everything while the engine is away, is refused
 * with `service.unavailable` and a time to come back.
 *
 * A transaction whose time is over may still have committed: whoever sends its request again under the same idempotency
 * key gets one effect. Conflicts and mistakes pass as they are and open no breaker.
 */
export function boundedDatabase<Engine extends Database>(
  engine: Engine,
  { withinMs, breaker: { failures, openMs } }: DatabaseBounds,
): Engine {
  const policy = wrap(
    circuitBreaker(handleWhen(isAway), { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) }),
    timeout(withinMs, TimeoutStrategy.Aggressive),
  )
  const bounded = async <Result>(work: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal) => {
    try {
      return await policy.execute(context => work(context.signal), signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (!isAway(error) && !isBrokenCircuitError(error)) throw error
      throw new Refusal('service.unavailable', {
        detail: 'The database does not answer for now; what you sent may be sent again.',
        retryAfterS: Math.ceil(openMs / MS_PER_S),
        cause: error,
      })
    }
  }
  return {
    ...engine,
    read: async statement => await bounded(async () => await engine.read(statement)),
    transaction: async (body, { signal } = {}) =>
      await bounded(async inTime => await engine.transaction(body, { signal: inTime }), signal),
    ping: async signal => await bounded(async inTime => await engine.ping(inTime), signal),
  }
}

function isAway(error: unknown): boolean {
  return isTaskCancelledError(error) || (error instanceof DatabaseError && error.kind === 'unavailable')
}
