import type { EpochFacts } from './show-facts.ts'
import type { ShowSegment } from './show-segment.ts'

/** Length of the sliding live playlist; twice what a delta update needs to leave anything out. */
export const LIVE_WINDOW_S = 24

export type WindowOptions = {
  dvrWindowS: number
  /** Segments reach the object store and may leave memory after the live window. */
  recorded: boolean
}

/**
 * The newest segments of a show, oldest first and without gaps in `seq`: as many as the DVR window needs and no more.
 * Media bytes stay for the live window, and for as long as they are not stored.
 */
export class ShowWindow {
  readonly #options: WindowOptions
  readonly #segments: ShowSegment[]
  #droppedDiscontinuities: number
  /** Seconds of the finished segments. */
  #lengthS: number

  constructor(options: WindowOptions, segments: readonly ShowSegment[] = [], droppedDiscontinuities = 0) {
    this.#options = options
    this.#segments = [...segments]
    this.#droppedDiscontinuities = droppedDiscontinuities
    this.#lengthS = segments.reduce((sum, { durationS }) => sum + durationS, 0)
  }

  get segments(): readonly ShowSegment[] {
    return this.#segments
  }

  get dvrWindowS(): number {
    return Math.max(this.#options.dvrWindowS, LIVE_WINDOW_S)
  }

  get newest(): ShowSegment | undefined {
    return this.#segments.at(-1)
  }

  at(seq: number): ShowSegment | undefined {
    return this.#segments[seq - (this.#segments[0]?.seq ?? 0)]
  }

  /** Encoder runs that still have a segment here, oldest first. */
  epochs(): EpochFacts[] {
    return [...new Set(this.#segments.map(({ epoch }) => epoch))]
  }

  /** Discontinuities of the show before the segment with that `seq`. */
  discontinuitiesBefore(seq: number): number {
    let count = this.#droppedDiscontinuities
    for (const segment of this.#segments) {
      if (segment.seq >= seq) break
      if (segment.discontinuity) count += 1
    }
    return count
  }

  /** The first of the finished segments that fill the last `windowS` seconds. */
  startOf(windowS: number): number {
    let lengthS = 0
    for (let index = this.#segments.length - 1; index > 0; index -= 1) {
      const segment = this.#segments[index]
      if (segment?.finished === true) lengthS += segment.durationS
      if (lengthS >= windowS) return segment?.seq ?? 0
    }
    return this.#segments[0]?.seq ?? 0
  }

  open(segment: ShowSegment): void {
    this.#segments.push(segment)
  }

  /** Counts a segment that is now whole, and lets go of what no playlist needs any more. */
  finished(segment: ShowSegment): void {
    this.#lengthS += segment.durationS
    this.trim()
  }

  trim(): void {
    const keepS = this.#options.recorded ? LIVE_WINDOW_S : 2 * LIVE_WINDOW_S
    let afterS = 0
    for (let index = this.#segments.length - 1; index >= 0; index -= 1) {
      const segment = this.#segments[index]
      if (segment === undefined || !segment.finished) continue
      if (afterS >= keepS) {
        if (!segment.inMemory) break
        if (!this.#options.recorded || segment.storage !== 'memory') segment.release()
      }
      afterS += segment.durationS
    }
    this.#dropOldest(Math.max(keepS, this.dvrWindowS))
  }

  #dropOldest(windowS: number): void {
    for (let oldest = this.#segments[0]; oldest?.finished === true; oldest = this.#segments[0]) {
      const awaited = this.#options.recorded && oldest.storage === 'memory'
      if (this.#lengthS - oldest.durationS < windowS || awaited) return
      this.#segments.shift()
      this.#lengthS -= oldest.durationS
      if (oldest.discontinuity) this.#droppedDiscontinuities += 1
    }
  }
}
