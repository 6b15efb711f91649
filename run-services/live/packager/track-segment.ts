import type { Part } from './part.ts'

/** One segment of one track: its parts while they are in memory, its measures for as long as the show lists it. */
export class TrackSegment {
  readonly track: string
  readonly startS: number
  #parts: Part[] | undefined = []
  #partCount = 0
  #durationS = 0
  #byteCount = 0
  #complete = false

  constructor(track: string, startS: number) {
    this.track = track
    this.startS = startS
  }

  /** A segment that lies in the object store alone. */
  static stored(track: string, facts: { start_s: number; duration_s: number; bytes: number }): TrackSegment {
    const segment = new TrackSegment(track, facts.start_s)
    segment.#durationS = facts.duration_s
    segment.#byteCount = facts.bytes
    segment.#complete = true
    segment.#parts = undefined
    return segment
  }

  get durationS(): number {
    return this.#durationS
  }

  get endS(): number {
    return this.startS + this.#durationS
  }

  get byteCount(): number {
    return this.#byteCount
  }

  /** Parts ever added, in memory or not. */
  get partCount(): number {
    return this.#partCount
  }

  get complete(): boolean {
    return this.#complete
  }

  /** `undefined` once released. */
  get parts(): readonly Part[] | undefined {
    return this.#parts
  }

  add(part: Part): void {
    this.#parts?.push(part)
    this.#partCount += 1
    this.#durationS = part.startS + part.durationS - this.startS
    this.#byteCount += part.bytes.length
  }

  close(): void {
    this.#complete = true
  }

  /** Lets go of the media bytes. */
  release(): void {
    this.#parts = undefined
  }
}
