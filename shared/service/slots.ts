import { Refusal } from '#shared/domain/refusal.ts'

/** Runs work a bounded number at a time, in the order it came. */
export type Slots = <Result>(work: () => Promise<Result>) => Promise<Result>

const RETRY_S = 1

/**
 * At most `atOnce` works run, at most `waiting` more wait; beyond that the work is refused with `service.unavailable`
 * and a time to try again.
 */
export function slots(atOnce: number, waiting: number): Slots {
  const line: (() => void)[] = []
  let running = 0

  return async work => {
    if (running >= atOnce) {
      if (line.length >= waiting) {
        throw new Refusal('service.unavailable', { detail: 'Too much of this is under way.', retryAfterS: RETRY_S })
      }
      await new Promise<void>(start => line.push(start))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
