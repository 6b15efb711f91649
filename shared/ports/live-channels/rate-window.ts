import type { Clock } from '#shared/domain/clock.ts'

const WINDOW_MS = 1_000
/** Names whose windows are kept; those without a recent take go first. */
const NAMES_MAX = 10_000

/** At most so many takes of one name in any second; `giveBack` undoes one that came to nothing. */
export type RateWindow = { take(name: string): boolean; giveBack(name: string): void }

export function rateWindow(perSecond: number, now: Clock): RateWindow {
  const takes = new Map<string, number[]>()
  const recent = (name: string, sinceMs: number) => (takes.get(name) ?? []).filter(atMs => atMs > sinceMs)
  return {
    take(name) {
      const nowMs = now()
      const kept = recent(name, nowMs - WINDOW_MS)
      if (kept.length >= perSecond) return false
      if (takes.size >= NAMES_MAX) {
        for (const each of takes.keys()) if (recent(each, nowMs - WINDOW_MS).length === 0) takes.delete(each)
      }
      takes.set(name, [...kept, nowMs])
      return true
    },
    giveBack(name) {
      takes.get(name)?.pop()
    },
  }
}
