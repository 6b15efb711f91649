import type { PlaylistSegment } from '#shared/media/hls/media-segment.ts'
import type { EpochFacts, SegmentFacts } from './show-facts.ts'
import { TrackSegment } from './track-segment.ts'

/** One segment of a show across its tracks. */
export class ShowSegment {
  readonly seq: number
  readonly epoch: EpochFacts
  /** Media second of its first picture. */
  readonly startS: number
  readonly discontinuity: boolean
  readonly tracks = new Map<string, TrackSegment>()
  /** How each rendition's playlist lists it, once it is complete there. */
  readonly listed = new Map<string, PlaylistSegment>()
  /** No track gets anything more. */
  finished = false
  /** `lost` when storing it was given up. */
  storage: 'memory' | 'stored' | 'lost' = 'memory'
  #measuredS = 0

  constructor(seq: number, epoch: EpochFacts, startS: number, discontinuity: boolean) {
    this.seq = seq
    this.epoch = epoch
    this.startS = startS
    this.discontinuity = discontinuity
  }

  /** A segment as the journal tells of it. */
  static stored(facts: SegmentFacts, epoch: EpochFacts): ShowSegment {
    const segment = new ShowSegment(facts.seq, epoch, facts.start_s, facts.discontinuity)
    for (const track of facts.tracks) segment.tracks.set(track.name, TrackSegment.stored(track.name, track))
    segment.#measuredS = facts.duration_s
    segment.finished = true
    segment.storage = 'stored'
    return segment
  }

  /** Length of its picture; of its sound when it has none. */
  get durationS(): number {
    if (this.#measuredS > 0) return this.#measuredS
    const kinds = new Map(this.epoch.tracks.map(track => [track.name, track.kind]))
    const all = [...this.tracks.values()]
    const video = all.filter(({ track }) => kinds.get(track) === 'video')
    return Math.max(...(video.length > 0 ? video : all).map(({ durationS }) => durationS))
  }

  /** Program date-time (ms) of its first picture. */
  get pdtMs(): number {
    return this.epoch.zero_at_ms + this.startS * 1000
  }

  get inMemory(): boolean {
    return [...this.tracks.values()].some(({ parts }) => parts !== undefined)
  }

  release(): void {
    for (const track of this.tracks.values()) track.release()
  }
}
