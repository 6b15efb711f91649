import { expectedEndS } from '#shared/media/timeline.ts'
import { PackagerError } from './packager-error.ts'
import type { Part } from './part.ts'
import type { ShowSegment } from './show-segment.ts'
import { TrackSegment } from './track-segment.ts'

/** Chunks of sound that may wait for the picture; about fifty seconds. */
const HELD_CHUNKS_MAX = 256
/** Segments that one rendition may lag behind another. */
const UNFINISHED_MAX = 4
/** A video segment without a next key frame gives up at this many times its length. */
const OVERLONG_FACTOR = 3
/** What adding up times may take from them; a frame of 59.94 Hz may come within 17 microseconds of a cut. */
const ROUNDING_S = 0.000_005
/** Segments in a row that may begin without a key frame, when a cut was foreseen a frame too early. */
const KEYLESS_MAX = 1

export type SegmenterOptions = {
  gopS: number
  fps: number
  tracks: readonly { name: string; kind: 'video' | 'audio' }[]
  /** A segment starts at that media second; asked once for all tracks. */
  open(startS: number): ShowSegment
  /** A track has a new part or a finished segment. */
  changed(track: string): void
  /** All tracks are through with the segment; called in order. */
  finished(segment: ShowSegment): void
}

type Slot = { index: number; segment: ShowSegment }
type TrackState = {
  name: string
  kind: 'video' | 'audio'
  open: { index: number; segment: TrackSegment } | undefined
  /** Index of the next segment it starts. */
  next: number
  held: Part[]
  /** Segments in a row that began without a key frame. */
  keyless: number
}

/**
 * Cuts all tracks of one encoder run at the same instants: video at its key frames, sound at the chunk whose middle passes
 * the picture's cut.
 *
 * A segment is closed with the part that reaches its expected end, not with the first of the next: nobody waits a part
 * longer than needed. Throws `PackagerError` when the encoder breaks its promises.
 */
export class Segmenter {
  readonly #options: SegmenterOptions
  readonly #frameS: number
  readonly #tracks: ReadonlyMap<string, TrackState>
  /** Segments some track is not through with, and the newest. */
  #slots: Slot[] = []

  constructor(options: SegmenterOptions) {
    this.#options = options
    this.#frameS = 1 / options.fps
    this.#tracks = new Map(
      options.tracks.map(({ name, kind }) => [name, { name, kind, open: undefined, next: 0, held: [], keyless: 0 }]),
    )
  }

  add(name: string, part: Part): void {
    const track = this.#tracks.get(name)
    if (track === undefined) throw new PackagerError('unknown-track', `There is no track ${name}.`)
    if (track.kind === 'video') this.#addVideo(track, part)
    else this.#hold(track, part)
    for (const audio of this.#tracks.values()) if (audio.kind === 'audio') this.#drain(audio)
    this.#settle()
  }

  /** Closes what is open; sound that lies beyond the last picture is dropped. */
  end(): void {
    for (const track of this.#tracks.values()) {
      if (track.kind === 'audio') this.#drain(track)
      this.#close(track)
      track.next = Infinity
    }
    this.#settle()
  }

  #addVideo(track: TrackState, part: Part): void {
    const startsNext = part.independent && part.startS >= (track.open?.segment.startS ?? 0) + this.#options.gopS / 2
    if (startsNext) this.#close(track)
    const open = track.open ?? this.#openVideo(track, part)
    this.#append(track, part)
    const { startS, endS } = open.segment
    if (endS >= this.#expectedEndS(startS) - ROUNDING_S) this.#close(track)
    else if (endS - startS > OVERLONG_FACTOR * this.#options.gopS) {
      throw new PackagerError('no-key-frame', `Rendition ${track.name} had no key frame for ${endS - startS} s.`)
    }
  }

  #openVideo(track: TrackState, part: Part): { index: number; segment: TrackSegment } {
    track.keyless = part.independent ? 0 : track.keyless + 1
    if (track.keyless > KEYLESS_MAX || (!part.independent && track.next === 0)) {
      throw new PackagerError('no-key-frame', `Rendition ${track.name} has no key frame at ${part.startS} s.`)
    }
    const index = track.next
    const known = this.#slots.find(slot => slot.index === index)
    if (known !== undefined && Math.abs(known.segment.startS - part.startS) > this.#frameS / 2) {
      throw new PackagerError(
        'misaligned',
        `Rendition ${track.name} cuts at ${part.startS} s where another cut at ${known.segment.startS} s.`,
      )
    }
    const slot = known ?? { index, segment: this.#options.open(part.startS) }
    if (known === undefined) this.#slots.push(slot)
    return this.#start(track, slot, part.startS)
  }

  #start(track: TrackState, slot: Slot, startS: number): { index: number; segment: TrackSegment } {
    const segment = new TrackSegment(track.name, startS)
    slot.segment.tracks.set(track.name, segment)
    track.open = { index: slot.index, segment }
    track.next = slot.index + 1
    return track.open
  }

  #append(track: TrackState, part: Part): void {
    track.open?.segment.add(part)
    this.#options.changed(track.name)
  }

  #close(track: TrackState): void {
    if (track.open === undefined) return
    track.open.segment.close()
    track.open = undefined
    this.#options.changed(track.name)
  }

  #hold(track: TrackState, part: Part): void {
    if (track.held.length === HELD_CHUNKS_MAX) throw new PackagerError('no-video', 'There is sound but no picture.')
    track.held.push(part)
  }

  /** Gives waiting sound to its segments as far as the picture's cuts are known. */
  #drain(track: TrackState): void {
    for (let part = track.held[0]; part !== undefined; part = track.held[0]) {
      const slot = this.#slotFor(track, part.startS + part.durationS / 2)
      if (slot === undefined) return
      track.held.shift()
      if (track.open?.index !== slot.index) {
        this.#close(track)
        this.#start(track, slot, part.startS)
      }
      this.#append(track, part)
      const nextMiddleS = part.startS + 1.5 * part.durationS
      if (nextMiddleS >= this.#audioEndS(slot) - ROUNDING_S) this.#close(track)
    }
  }

  #slotFor(track: TrackState, middleS: number): Slot | undefined {
    const newest = this.#slots.at(-1)
    if (newest === undefined || middleS >= this.#expectedEndS(newest.segment.startS) - ROUNDING_S) return undefined
    const byTime = this.#slots.findLast(slot => slot.segment.startS <= middleS + ROUNDING_S) ?? this.#slots[0]
    const least = track.open?.index ?? track.next
    return byTime !== undefined && byTime.index >= least ? byTime : this.#slots.find(slot => slot.index >= least)
  }

  #audioEndS(slot: Slot): number {
    const next = this.#slots.find(({ index }) => index === slot.index + 1)
    return next?.segment.startS ?? this.#expectedEndS(slot.segment.startS)
  }

  #expectedEndS(startS: number): number {
    return expectedEndS(startS, this.#options.gopS, this.#frameS)
  }

  /** Finishes segments in order; sound that stopped does not hold up the picture. */
  #settle(): void {
    const tracks = [...this.#tracks.values()]
    const throughWith = (track: TrackState, index: number): boolean => track.next > index && track.open?.index !== index
    const videoThrough = (index: number): boolean =>
      tracks.every(track => track.kind === 'audio' || throughWith(track, index))
    for (let slot = this.#slots[0]; slot !== undefined; slot = this.#slots[0]) {
      const { index } = slot
      if (videoThrough(index + 1)) this.#passAudio(tracks, index)
      if (!tracks.every(track => throughWith(track, index))) break
      if (!slot.segment.finished) {
        slot.segment.finished = true
        this.#options.finished(slot.segment)
      }
      // The newest stays: the sound's next cut is reckoned from it.
      if (this.#slots.length === 1) break
      this.#slots.shift()
    }
    if (this.#slots.length > UNFINISHED_MAX) {
      throw new PackagerError('misaligned', 'One rendition has fallen too far behind the others.')
    }
  }

  #passAudio(tracks: readonly TrackState[], index: number): void {
    for (const track of tracks) {
      if (track.kind !== 'audio') continue
      if (track.open !== undefined && track.open.index <= index) this.#close(track)
      track.next = Math.max(track.next, index + 1)
    }
  }
}
