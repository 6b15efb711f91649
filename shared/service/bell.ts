import { pause } from './pause.ts'

/** Wakes whoever waits; a ring that nobody waits for is kept for the next who does. */
export type Bell = {
  ring: () => void
  /** Resolves at a ring, after so many ms, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** A bell for one waiter. */
export function bell(): Bell {
  let rung = new AbortController()
  return {
    ring: () => rung.abort(),
    wait: async (ms, signal) => {
      await pause(ms, AbortSignal.any([rung.signal, signal]))
      rung = new AbortController()
    },
  }
}
