import type { Clock } from '#shared/domain/clock.ts'
import { flvHeader, flvTagBytes } from '#shared/media/flv/flv-tag-bytes.ts'
import { TimestampRepair } from '#shared/media/flv/timestamp-repair.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import type { EpochSink } from '../borders.ts'
import type { ArrivedTag } from '../ingest/arrived-tag.ts'
import type { IngestLog } from '../ingest/ingest-log.ts'
import { encodeOverRelay, type EncoderEnd, type EncoderRun, type RelayAddress } from '../relay/encode-over-relay.ts'
import { EncoderQueue, type EncoderQueueBounds } from './encoder-queue.ts'
import { GopCache, type GopCacheBounds } from './gop-cache.ts'
import { ladderTag, type LadderTag } from './ladder-tag.ts'
import { SourcePace } from './source-pace.ts'

/** Encoders that may die within a minute before the show is given up. */
const DEATHS_MAX = 5
const DEATHS_WINDOW_MS = 60_000
/** How long an encoder host may be unreachable, and the pause between tries, ms. */
const UNREACHABLE_MS = 20_000
const RETRY_MS = 250
/** What a dead encoder had surely delivered lies this far behind what it was fed, ms. */
const DELIVERED_LAG_MS = 400
const HOLD_MS = 50

export type EncodePublicationOptions = {
  /** From `readSource`. */
  tags: AsyncIterable<ArrivedTag>
  plan: LadderPlan
  relay: RelayAddress
  /**
   * Called with 0, 1, 2, … when the first bytes of each encoder are there: every call is a new timeline. `firstFrameAtMs`
   * is the local time at which its first frame had arrived.
   */
  openSink: (encoder: number, firstFrameAtMs: number) => EpochSink
  log: IngestLog
  signal: AbortSignal
  now: Clock
  bounds?: { gopCache?: GopCacheBounds; queue?: EncoderQueueBounds }
}

export type PublicationEnd = {
  reason: 'source-ended' | 'encoder-failed' | 'aborted'
  /** For the creator and the log. */
  sentence: string
}

export type EncodeStats = {
  /** Encoders started so far; more than one means that one died. */
  encoders: number
  /** Groups of pictures left out because the machine was too slow. */
  droppedGops: number
  /** Media time received and not yet taken by the encoder, ms. */
  waitingMs: number
  /** Time bases of the publisher that were folded. */
  timestampJumps: number
  /** Local time of the newest video frame, ms; 0 before the first. */
  newestFrameAtMs: number
  /** Source frames and key frame distance, measured over the last seconds. */
  fps: number
  gopS: number
}

export type PublicationEncoding = {
  /** Resolves when the last sink has ended; never rejects for what an encoder or a publisher does. */
  readonly ended: Promise<PublicationEnd>
  stats(): EncodeStats
}

/**
 * Runs the ladder for one publisher connection. When an encoder dies a new one is started at once on the cached group
 * of pictures and a new sink; the publisher does not notice. Never holds more than its bounds.
 */
export function encodePublication(options: EncodePublicationOptions): PublicationEncoding {
  const encoding = new Encoding(options)
  return { ended: encoding.run(), stats: () => encoding.stats() }
}

class Encoding {
  readonly #options: EncodePublicationOptions
  readonly #queue: EncoderQueue
  readonly #cache: GopCache
  readonly #repair = new TimestampRepair()
  readonly #pace = new SourcePace()
  readonly #sinkEnds: Promise<void>[] = []
  readonly #deathsAtMs: number[] = []
  #encoders = 0
  #fedMs = 0
  #run: EncoderRun | undefined
  #sink: EpochSink | undefined

  constructor(options: EncodePublicationOptions) {
    this.#options = options
    this.#queue = new EncoderQueue(options.bounds?.queue)
    this.#cache = new GopCache(options.bounds?.gopCache)
  }

  async run(): Promise<PublicationEnd> {
    const stopped = new AbortController()
    const signal = AbortSignal.any([this.#options.signal, stopped.signal])
    // Not awaited: after a failed encoder the publisher is still talking, and its owner drops it.
    void this.#receive(signal)
    try {
      return await this.#encode(signal)
    } finally {
      stopped.abort()
      await Promise.all(this.#sinkEnds)
    }
  }

  stats(): EncodeStats {
    return {
      encoders: this.#encoders,
      droppedGops: this.#queue.droppedGops,
      waitingMs: this.#queue.waitingMs + (this.#run?.unconsumedMs() ?? 0),
      timestampJumps: this.#repair.jumps,
      newestFrameAtMs: this.#pace.newestFrameAtMs,
      fps: this.#pace.fps,
      gopS: this.#pace.gopS,
    }
  }

  /** Publisher into queue and cache; slow reading pushes back only on a source that is ahead of the clock. */
  async #receive(signal: AbortSignal): Promise<void> {
    try {
      for await (const arrived of this.#options.tags) {
        if (signal.aborted) return
        const tag = ladderTag(arrived, this.#repair)
        if (!tag) continue
        this.#pace.add(tag)
        await this.#holdBack(tag, signal)
        const dropped = this.#queue.droppedGops
        this.#cache.add(tag)
        this.#queue.push(tag)
        if (this.#queue.droppedGops > dropped) {
          this.#options.log.warn(
            { dropped_gops: this.#queue.droppedGops },
            'ladder: encoder too slow, pictures left out',
          )
        }
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'ladder: the source broke')
    } finally {
      this.#queue.close()
    }
  }

  async #holdBack(tag: LadderTag, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#queue.shouldHold(this.#pace.aheadMs(tag, this.#options.now()))) await pause(HOLD_MS)
  }

  async #encode(signal: AbortSignal): Promise<PublicationEnd> {
    for (;;) {
      const end = await this.#oneEncoder(signal)
      if (signal.aborted || end.reason === 'aborted') return { reason: 'aborted', sentence: 'Encoding was stopped.' }
      if (end.reason === 'source-ended') return { reason: 'source-ended', sentence: 'The publisher stopped.' }
      const { sentence, stderrTail } = end
      this.#options.log.warn(
        { reason: end.reason, sentence, stderr: stderrTail, encoder: this.#encoders - 1 },
        'ladder: encoder ended',
      )
      if (end.reason === 'refused') return { reason: 'encoder-failed', sentence }
      if (this.#tooManyDeaths()) {
        const often = `The encoder died ${this.#deathsAtMs.length} times within a minute; the show cannot be encoded.`
        return { reason: 'encoder-failed', sentence: often }
      }
    }
  }

  #tooManyDeaths(): boolean {
    const now = this.#options.now()
    this.#deathsAtMs.push(now)
    while ((this.#deathsAtMs[0] ?? now) < now - DEATHS_WINDOW_MS) this.#deathsAtMs.shift()
    return this.#deathsAtMs.length >= DEATHS_MAX
  }

  async #oneEncoder(signal: AbortSignal): Promise<EncoderEnd> {
    const started = await this.#start(signal)
    if ('reason' in started) return started
    const { run, replay, first } = started
    const over = new AbortController()
    this.#run = run
    this.#encoders += 1
    const feeding = this.#feed(run, replay, first, AbortSignal.any([signal, over.signal]))
    const end = await run.ended
    over.abort()
    this.#run = undefined
    await feeding
    this.#endSink()
    return end
  }

  async #start(
    signal: AbortSignal,
  ): Promise<{ run: EncoderRun; replay: readonly LadderTag[]; first: FirstFrame } | EncoderEnd> {
    const deadline = performance.now() + UNREACHABLE_MS
    for (;;) {
      const { replay, skipMs, first } = this.#resumePoint()
      try {
        return { run: await this.#connect(skipMs, first, signal), replay, first }
      } catch (error) {
        if (signal.aborted) return { reason: 'aborted', sentence: 'Encoding was stopped.', stderrTail: '' }
        if (performance.now() > deadline) {
          return { reason: 'refused', sentence: 'No encoder can be reached.', stderrTail: String(error) }
        }
        await pause(RETRY_MS)
      }
    }
  }

  /** Where a new encoder starts: the first with what waits, later ones with the cached group, less what was delivered. */
  #resumePoint(): { replay: readonly LadderTag[]; skipMs: number; first: FirstFrame } {
    if (this.#encoders === 0) return { replay: [], skipMs: 0, first: { fromMs: 0, atMs: undefined } }
    const replay = this.#cache.replay()
    this.#queue.clear({ untilKey: replay.length === 0 })
    const startMs = replay.find(tag => tag.role === 'key')?.mediaMs ?? this.#fedMs
    const skipMs = Math.max(0, Math.round(this.#fedMs - DELIVERED_LAG_MS - startMs))
    return { replay, skipMs, first: { fromMs: startMs + skipMs, atMs: undefined } }
  }

  #connect(skipMs: number, first: FirstFrame, signal: AbortSignal): Promise<EncoderRun> {
    const { plan, relay } = this.#options
    const encoder = this.#encoders
    const onMedia = (track: number, bytes: Uint8Array): void => {
      this.#sink ??= this.#options.openSink(encoder, first.atMs ?? this.#options.now())
      this.#sink.write(track, bytes)
    }
    return encodeOverRelay({ plan, relay, skipMs, onMedia, signal })
  }

  #endSink(): void {
    const sink = this.#sink
    this.#sink = undefined
    if (!sink) return
    const failed = (error: unknown): void =>
      this.#options.log.warn({ err: error }, 'ladder: output could not be finished')
    this.#sinkEnds.push(sink.end().catch(failed))
  }

  async #feed(run: EncoderRun, replay: readonly LadderTag[], first: FirstFrame, signal: AbortSignal): Promise<void> {
    const audio = this.#options.plan.tracks.some(track => track.kind === 'audio')
    await run.write(flvHeader({ audio, video: true }), this.#fedMs)
    const give = async (tag: LadderTag): Promise<void> => {
      if (tag.tag.kind === 'audio' && !audio) return
      if (tag.role === 'key' || tag.role === 'frame') {
        if (tag.mediaMs >= first.fromMs) first.atMs ??= tag.atMs
      }
      this.#fedMs = Math.max(this.#fedMs, tag.mediaMs)
      await run.write(flvTagBytes(tag.tag), tag.mediaMs)
    }
    for (const tag of replay) {
      if (signal.aborted) return
      await give(tag)
    }
    for (;;) {
      const tag = await this.#queue.next(signal)
      if (!tag) break
      await give(tag)
    }
    if (!signal.aborted) run.finish()
  }
}

/** When the first frame of an encoder's output arrived here. */
type FirstFrame = { fromMs: number; atMs: number | undefined }

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
