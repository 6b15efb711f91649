import type { Clock } from '#shared/domain/clock.ts'

/** Wrong keys an address may present within the window before it is turned away unheard. */
const FAILURES_MAX = 10
const WINDOW_MS = 60_000
/** Addresses remembered at once; the one silent for longest is forgotten first. */
const ADDRESSES_MAX = 10_000

/** Turns away addresses that guess stream keys. */
export type KeyLockout = {
  isLocked(address: string): boolean
  /** Counts a wrong key. */
  failed(address: string): void
  /** A right key clears the address. */
  succeeded(address: string): void
}

/** A lockout in bounded memory: ten wrong keys in a minute, then one minute of silence. */
export function keyLockout(now: Clock): KeyLockout {
  const failures = new Map<string, { count: number; sinceMs: number }>()

  function current(address: string) {
    const entry = failures.get(address)
    return entry !== undefined && now() - entry.sinceMs < WINDOW_MS ? entry : undefined
  }

  return {
    isLocked: address => (current(address)?.count ?? 0) >= FAILURES_MAX,
    failed(address) {
      const entry = current(address) ?? { count: 0, sinceMs: now() }
      entry.count += 1
      // The window starts anew when the limit is reached, so that the silence is a whole one.
      if (entry.count === FAILURES_MAX) entry.sinceMs = now()
      failures.delete(address)
      failures.set(address, entry)
      const oldest = failures.keys().next()
      if (failures.size > ADDRESSES_MAX && !oldest.done) failures.delete(oldest.value)
    },
    succeeded: address => void failures.delete(address),
  }
}
