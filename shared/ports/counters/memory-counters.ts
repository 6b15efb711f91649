import type { Clock } from '#shared/domain/clock.ts'
import type { Counters } from './counters.ts'

export type MemoryCountersOptions = {
  now: Clock
  /** Counters kept at once; past it the oldest is forgotten. */
  keysMax?: number
}

/** About 10 MB. */
const KEYS_MAX = 100_000
const MS_PER_S = 1_000

/** Counters of one process; the oldest are forgotten when there are too many, however many keys strangers invent. */
export function memoryCounters({ now, keysMax = KEYS_MAX }: MemoryCountersOptions): Counters {
  // In the order their windows began.
  const windows = new Map<string, { count: number; endsMs: number }>()
  return {
    add: async (key, windowS) => {
      const nowMs = now()
      const running = windows.get(key)
      if (running !== undefined && running.endsMs > nowMs) {
        running.count += 1
        return { count: running.count, leftMs: running.endsMs - nowMs }
      }
      windows.delete(key)
      for (const oldest of windows.keys()) {
        if (windows.size < keysMax) break
        windows.delete(oldest)
      }
      windows.set(key, { count: 1, endsMs: nowMs + windowS * MS_PER_S })
      return { count: 1, leftMs: windowS * MS_PER_S }
    },
  }
}
