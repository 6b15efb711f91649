import type { LadderTag } from './ladder-tag.ts'

export type EncoderQueueBounds = { ms: number; bytes: number }

/** How far the encoder may fall behind before whole groups of pictures are left out. */
const ENCODER_QUEUE_BOUNDS: EncoderQueueBounds = { ms: 3_000, bytes: 16 * 1024 * 1024 }

/**
 * What waits for the encoder, oldest first. Beyond its bounds it gives up everything before the newest key frame, or all
 * of it until the next one comes, so that a slow machine costs pictures and never delay.
 */
export class EncoderQueue {
  readonly #bounds: EncoderQueueBounds
  #tags: LadderTag[] = []
  #bytes = 0
  #untilKey = false
  #over = false
  #wake: () => void = () => undefined
  /** Groups of pictures that were left out, whole or in part. */
  droppedGops = 0

  constructor(bounds: EncoderQueueBounds = ENCODER_QUEUE_BOUNDS) {
    this.#bounds = bounds
  }

  get full(): boolean {
    return this.waitingMs > this.#bounds.ms || this.#bytes > this.#bounds.bytes
  }

  /** Whether a source that is so far ahead of the clock should wait rather than be thinned out. */
  shouldHold(aheadMs: number): boolean {
    const nearlyFull = this.waitingMs > this.#bounds.ms / 2 || this.#bytes > this.#bounds.bytes / 2
    return nearlyFull && aheadMs > this.#bounds.ms / 2
  }

  /** Media time that waits, ms. */
  get waitingMs(): number {
    return (this.#tags.at(-1)?.mediaMs ?? 0) - (this.#tags[0]?.mediaMs ?? 0)
  }

  push(tag: LadderTag): void {
    if (tag.role === 'key') this.#untilKey = false
    if (this.#untilKey && (tag.role === 'frame' || tag.role === 'audio')) return
    this.#tags.push(tag)
    this.#bytes += tag.tag.body.byteLength
    if (this.full) this.#shed(this.#tags.findLastIndex((each, index) => index > 0 && each.role === 'key'))
    if (this.full) this.#shed(-1)
    this.#wake()
  }

  /** The next tag, waiting for one; undefined once the source is over and everything was taken, or on abort. */
  async next(signal: AbortSignal): Promise<LadderTag | undefined> {
    while (!signal.aborted) {
      const tag = this.#tags.shift()
      if (tag) {
        this.#bytes -= tag.tag.body.byteLength
        return tag
      }
      if (this.#over) return undefined
      await this.#changed(signal)
    }
    return undefined
  }

  /** Forgets what waits: a new encoder is fed from the cache instead. */
  clear(options: { untilKey: boolean }): void {
    this.#tags = []
    this.#bytes = 0
    this.#untilKey = options.untilKey
  }

  /** Nothing more is pushed. */
  close(): void {
    this.#over = true
    this.#wake()
  }

  /** Leaves out what is before that key frame, or everything until the next one. */
  #shed(key: number): void {
    const dropped = key > 0 ? this.#tags.slice(0, key) : this.#tags
    const kept = key > 0 ? this.#tags.slice(key) : []
    const mediaMs = (kept[0] ?? this.#tags.at(-1))?.mediaMs ?? 0
    const configuration = dropped
      .filter(tag => tag.role === 'video-configuration' || tag.role === 'audio-configuration')
      .map(tag => ({ ...tag, mediaMs, tag: { ...tag.tag, timestampMs: mediaMs >>> 0 } }))
    this.droppedGops += Math.max(1, dropped.filter(tag => tag.role === 'key').length)
    this.#tags = [...configuration, ...kept]
    this.#bytes = this.#tags.reduce((sum, tag) => sum + tag.tag.body.byteLength, 0)
    this.#untilKey = key <= 0
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#wake = wake
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
