import { expect } from 'vitest'

/** Longest wait for a fact before the test fails, in ms; a failing guarantee, not a measured time. */
const EVENTUALLY_MS = 15_000
const POLL_MS = 25

type Probe<T> = () => T | Promise<T>

/**
 * Waits until `check` stops throwing, polling `probe`; fails with the last error.
 * Tests wait for facts through this and never for time.
 */
export async function eventually<T>(
  probe: Probe<T>,
  check: (value: T) => unknown = value => expect(value).toBeTruthy(),
  options: { withinMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.withinMs ?? EVENTUALLY_MS)
  for (;;) {
    try {
      const value = await probe()
      await check(value)
      return value
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
    }
  }
}
