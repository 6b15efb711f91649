import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

/** Failures double the wait up to this, in ms. */
const BACKOFF_MS_MAX = 30_000

export type Polled<Value> = {
  value: Value | undefined
  /** Why the newest attempt failed; the last good value stays. */
  error: unknown
  refresh: () => void
}

/**
 * Keeps a value fresh: asks now, then every `everyMs`, slower while it fails and not at all while the page is hidden.
 * `ask` undefined means not yet; a changed `key` starts over.
 */
export function usePolled<Value>(
  key: string,
  everyMs: number,
  ask: ((signal: AbortSignal) => Promise<Value>) | undefined,
): Polled<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: unknown }>({ key })
  const [round, setRound] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  const enabled = ask !== undefined

  useEffect(() => {
    if (!enabled) return undefined
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let failures = 0
    const again = (): void => {
      const wait = Math.min(everyMs * 2 ** failures, Math.max(everyMs, BACKOFF_MS_MAX))
      timer = setTimeout(() => void run(), wait)
    }
    const run = async (): Promise<void> => {
      if (document.hidden) return
      try {
        const value = await latest.current?.(abort.signal)
        if (abort.signal.aborted) return
        failures = 0
        setState(value === undefined ? { key } : { key, value })
      } catch (error) {
        if (abort.signal.aborted) return
        failures += 1
        setState(previous => ({ ...(previous.key === key ? previous : { key }), error }))
      }
      again()
    }
    const woken = (): void => {
      clearTimeout(timer)
      if (!document.hidden) void run()
    }
    document.addEventListener('visibilitychange', woken)
    void run()
    return () => {
      abort.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', woken)
    }
  }, [key, everyMs, enabled, round])

  const refresh = useCallback(() => setRound(count => count + 1), [])
  const current = state.key === key ? state : undefined
  return { value: current?.value, error: current?.error, refresh }
}
