import type { Log } from './log.ts'

/** How long a process lives, and what it does before it ends. */
export interface Lifetime {
  /** Aborted when the process is to end. */
  readonly signal: AbortSignal
  /** Runs at the end; later registrations first, each awaited, all within the drain time. */
  onDrain: (drain: () => Promise<void> | void) => void
  /** Ends the process from within, as a signal would. */
  end: (reason: string) => void
  /** Resolves when everything has drained: the composition root then exits with 0. */
  readonly done: Promise<void>
}

/** Longest drain in ms; who supervises us kills after 10 s. */
export const DRAIN_MS = 8_000
const SIGNALS = ['SIGTERM', 'SIGINT'] as const
const EXIT_IMPATIENT = 130

/** Ends on SIGTERM and SIGINT: drains once, within 8 s; a second signal ends at once. */
export function lifetime(options: { log: Log }): Lifetime {
  const { log } = options
  const ending = new AbortController()
  const drains: (() => Promise<void> | void)[] = []
  const finished = Promise.withResolvers<void>()

  async function drainAll(): Promise<void> {
    for (const drain of drains.toReversed()) {
      try {
        await drain()
      } catch (error) {
        log.error({ err: error }, 'a part failed to drain')
      }
    }
  }

  function end(reason: string): void {
    if (ending.signal.aborted) return
    log.info({ reason }, 'ending')
    ending.abort(new Error(reason))
    const late = setTimeout(() => {
      log.warn({ after_ms: DRAIN_MS }, 'ending before everything drained')
      finished.resolve()
    }, DRAIN_MS)
    void drainAll().then(() => {
      clearTimeout(late)
      finished.resolve()
    })
  }

  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(EXIT_IMPATIENT)
      end(signal)
    })
  }
  return { signal: ending.signal, onDrain: drain => void drains.push(drain), end, done: finished.promise }
}
