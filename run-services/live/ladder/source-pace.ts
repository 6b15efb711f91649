import type { LadderTag } from './ladder-tag.ts'

const WINDOW_MS = 4_000

/** Measures what comes in: frame rate, key frame distance, and how far the source runs ahead of the clock. */
export class SourcePace {
  #frames: number[] = []
  #keyMs: number | undefined
  #gopMs = 0
  #base: { mediaMs: number; atMs: number } | undefined
  #newestFrameAtMs = 0

  add(tag: LadderTag): void {
    if (tag.role !== 'key' && tag.role !== 'frame') return
    this.#base ??= { mediaMs: tag.mediaMs, atMs: tag.atMs }
    this.#newestFrameAtMs = tag.atMs
    this.#frames.push(tag.mediaMs)
    while ((this.#frames[0] ?? tag.mediaMs) < tag.mediaMs - WINDOW_MS) this.#frames.shift()
    if (tag.role === 'frame') return
    if (this.#keyMs !== undefined) this.#gopMs = tag.mediaMs - this.#keyMs
    this.#keyMs = tag.mediaMs
  }

  /** How far the frame is ahead of real time since the first one, ms; negative when it is late. */
  aheadMs(tag: LadderTag, nowMs: number): number {
    return this.#base ? tag.mediaMs - this.#base.mediaMs - (nowMs - this.#base.atMs) : 0
  }

  get fps(): number {
    const span = (this.#frames.at(-1) ?? 0) - (this.#frames[0] ?? 0)
    return span > 0 ? ((this.#frames.length - 1) * 1000) / span : 0
  }

  get gopS(): number {
    return this.#gopMs / 1000
  }

  get newestFrameAtMs(): number {
    return this.#newestFrameAtMs
  }
}
