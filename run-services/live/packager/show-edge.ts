import type { EpochFacts } from './show-facts.ts'
import type { ShowWindow } from './show-window.ts'

/** Where a running show ends: media second and program date-time (ms). */
export type ShowEdge = { atS: number; atMs: number }

/** The end of the newest part of any picture of that encoder run; `undefined` before its first. */
export function showEdge(window: ShowWindow, facts: EpochFacts): ShowEdge | undefined {
  const { newest } = window
  if (newest === undefined || newest.epoch !== facts) return undefined
  const before = window.at(newest.seq - 1)
  const pictures = facts.tracks.filter(({ kind }) => kind === 'video')
  const ends = [newest, before?.epoch === facts ? before : undefined].flatMap(segment =>
    pictures.map(({ name }) => segment?.tracks.get(name)?.endS ?? 0),
  )
  const atS = Math.max(...ends)
  return { atS, atMs: Math.round(facts.zero_at_ms + atS * 1000) }
}
