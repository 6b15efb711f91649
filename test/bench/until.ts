import { setTimeout as sleep } from 'node:timers/promises'

/** Longest wait for a fact before a row is broken, in ms. */
const UNTIL_MS_MAX = 30_000

export type UntilOptions = { what: string; everyMs?: number; withinMs?: number }

/** Waits until the probe gives a value, and gives it; a throwing probe is asked again. */
export async function until<Value>(
  probe: () => Promise<Value | undefined> | Value | undefined,
  { what, everyMs = 20, withinMs = UNTIL_MS_MAX }: UntilOptions,
): Promise<Value> {
  const deadline = performance.now() + withinMs
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const value = await probe()
      if (value !== undefined) return value
    } catch (error) {
      last = error
    }
    await sleep(everyMs)
  }
  throw new Error(`Waited ${withinMs} ms in vain for ${what}.`, { cause: last })
}
