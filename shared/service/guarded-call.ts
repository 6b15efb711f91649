import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhen,
  isBrokenCircuitError,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import { Refusal, REFUSALS } from '#shared/domain/refusal.ts'

export type GuardOptions = {
  /** What is called, for the sentence of the refusal: `the media plane`. */
  name: string
  /** Longest one attempt may take, in ms. */
  timeoutMs: number
  /** Attempts after the first. */
  retries: number
  /** After so many failures in a row no call is made for `openMs`; without it every call is made. */
  breaker?: { failures: number; openMs: number }
}

/** Calls something that may be away; `fn` gets a signal that aborts with the attempt's time. */
export type GuardedCall = <Result>(
  fn: (signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>

const FIRST_DELAY_MS = 100
const DELAY_MAX_MS = 2_000
const RETRY_AFTER_S = 2
const MS_PER_S = 1000

/**
 * A call with a time limit, retries with jitter and a circuit breaker.
 *
 * A refusal that would be the same next time passes through at once; anything else is retried and in the end becomes
 * `service.unavailable` with `retryAfterS`, so that a caller never waits on what is down.
 */
export function guardedCall(options: GuardOptions): GuardedCall {
  const transient = handleWhen(isTransient)
  const attempts = retry(transient, {
    maxAttempts: options.retries,
    backoff: new ExponentialBackoff({
      initialDelay: FIRST_DELAY_MS,
      maxDelay: DELAY_MAX_MS,
      generator: halfJitterGenerator,
    }),
  })
  const limit = timeout(options.timeoutMs, TimeoutStrategy.Aggressive)
  const { breaker } = options
  const policy =
    breaker === undefined
      ? wrap(attempts, limit)
      : wrap(
          attempts,
          circuitBreaker(transient, {
            halfOpenAfter: breaker.openMs,
            breaker: new ConsecutiveBreaker(breaker.failures),
          }),
          limit,
        )
  const retryAfterS = breaker === undefined ? RETRY_AFTER_S : Math.ceil(breaker.openMs / MS_PER_S)

  return async (fn, signal) => {
    try {
      return await policy.execute(context => fn(context.signal), signal)
    } catch (error) {
      if (error instanceof Refusal) throw error
      signal?.throwIfAborted()
      throw new Refusal('service.unavailable', {
        detail: `For now ${options.name} cannot be reached.`,
        retryAfterS,
        cause: error,
      })
    }
  }
}

/** Worth another attempt: not a refusal that stays, and not a breaker that is open. */
function isTransient(error: unknown): boolean {
  if (isBrokenCircuitError(error)) return false
  return error instanceof Refusal ? REFUSALS[error.code].status >= 500 : true
}
