import type { LadderTag } from './ladder-tag.ts'

export type GopCacheBounds = { ms: number; bytes: number }

/** Holds a source with key frames 10 s apart, and 12 Mbit/s of it. */
const GOP_CACHE_BOUNDS: GopCacheBounds = { ms: 12_000, bytes: 16 * 1024 * 1024 }

/** Everything since the newest key frame, with the configuration a decoder needs before it; bounded in time and bytes. */
export class GopCache {
  readonly #bounds: GopCacheBounds
  #video: LadderTag | undefined
  #audio: LadderTag | undefined
  #head: LadderTag[] = []
  #tags: LadderTag[] = []
  #bytes = 0

  constructor(bounds: GopCacheBounds = GOP_CACHE_BOUNDS) {
    this.#bounds = bounds
  }

  add(tag: LadderTag): void {
    if (tag.role === 'video-configuration') this.#video = tag
    if (tag.role === 'audio-configuration') this.#audio = tag
    if (tag.role === 'key') {
      this.#head = [this.#video, this.#audio].filter(each => each !== undefined)
      this.#tags = []
      this.#bytes = 0
    } else if (this.#tags.length === 0) {
      return
    }
    this.#tags.push(tag)
    this.#bytes += tag.tag.body.byteLength
    const ms = tag.mediaMs - (this.#tags[0]?.mediaMs ?? tag.mediaMs)
    // A group beyond the bounds cannot be replayed; the next key frame starts afresh.
    if (ms > this.#bounds.ms || this.#bytes > this.#bounds.bytes) this.#tags = []
  }

  /** What a new decoder is fed first; empty when the next key frame has to be waited for. */
  replay(): readonly LadderTag[] {
    return this.#tags.length === 0 ? [] : [...this.#head, ...this.#tags]
  }
}
