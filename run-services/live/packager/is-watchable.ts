import type { EpochFacts } from './show-facts.ts'
import type { ShowWindow } from './show-window.ts'

/** Whether every track of an encoder run has something to fetch: a part, or a segment where there are no parts. */
export function isWatchable(window: ShowWindow, facts: EpochFacts, latencyMode: 'low' | 'standard'): boolean {
  const segments = window.segments.filter(({ epoch }) => epoch === facts)
  return facts.tracks.every(({ name }) =>
    segments.some(({ tracks, finished }) => {
      const media = tracks.get(name)
      return finished || media?.complete === true || (latencyMode === 'low' && (media?.partCount ?? 0) > 0)
    }),
  )
}
