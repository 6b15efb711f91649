import type { EpochFacts } from './show-facts.ts'
import type { ShowSegment } from './show-segment.ts'
import type { ShowWindow } from './show-window.ts'

/** What keeps a show beyond this process; absent for shows that are not recorded. */
export type ShowStorage = {
  beginEpoch(facts: EpochFacts, inits: readonly { path: string; bytes: Uint8Array }[]): void
  store(segment: ShowSegment): void
  /** Resolves when all that can be stored now is. */
  idle(): Promise<void>
  /** Writes what makes the recording playable. */
  close(): Promise<void>
}

/** What was there before: nothing, or what the journal told after a restart. */
export type ShowBeginning = {
  nextSeq: number
  /** Folder of the playlists, once known. */
  home: string | undefined
  window: ShowWindow
  epochs: readonly EpochFacts[]
  /** Segments stored, and their length. */
  stored: number
  durationMs: number
}
