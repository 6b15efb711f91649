import { createHash } from 'node:crypto'
import type { Clock } from '#shared/domain/clock.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { ShowEvents } from '../borders.ts'
import { concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import type { ShowStorage } from '../packager/show-storage.ts'
import type { EpochFacts, SegmentFacts } from '../packager/show-facts.ts'
import { recordingPrefix, segmentPath } from '../packager/show-paths.ts'
import type { ShowSegment } from '../packager/show-segment.ts'
import { BLOCK_SEGMENTS, type JournalBlock, type ShowJournal } from './show-journal.ts'
import { StoreLine } from './store-line.ts'
import { storedSegmentOf } from './stored-segment-of.ts'
import { writeArchive } from './write-archive.ts'

/** Media that may wait for a store that is full or away: some minutes of one show. */
const BACKLOG_BYTES_MAX = 128 * 1024 * 1024
/** Media never changes under its name. */
const MEDIA_CACHE = 'public, max-age=86400, immutable'

export type ShowRecorderOptions = {
  streamId: string
  objects: ObjectStore
  journal: ShowJournal
  /** Where the journal stands. */
  block: { number: number; value: JournalBlock } | undefined
  discontinuities: number
  stored: { segments: number; duration_ms: number }
  home: string | undefined
  produced: () => number
  settled: (segment: ShowSegment, storage: 'stored' | 'lost') => void
  events: ShowEvents
  now: Clock
}

/**
 * Stores a show: initialization segments, then each segment once with its sha256, then its journal line, then it is told.
 * What was told survives the process; what could not be stored yet is tried again, in order, within a bound.
 */
export class ShowRecorder implements ShowStorage {
  readonly #options: ShowRecorderOptions
  readonly #line: StoreLine
  readonly #stored: { segments: number; duration_ms: number }
  #block: { number: number; value: JournalBlock } | undefined
  #discontinuities: number
  #home: string | undefined

  constructor(options: ShowRecorderOptions) {
    this.#options = options
    this.#stored = { ...options.stored }
    this.#block = options.block
    this.#discontinuities = options.discontinuities
    this.#home = options.home
    this.#line = new StoreLine({
      bytesMax: BACKLOG_BYTES_MAX,
      failing: sentence => options.events.recordingFailed(sentence),
    })
  }

  beginEpoch(facts: EpochFacts, inits: readonly { path: string; bytes: Uint8Array }[]): void {
    const { journal } = this.#options
    this.#line.add({
      bytes: inits.reduce((sum, { bytes }) => sum + bytes.length, 0),
      droppable: false,
      store: async () => {
        await Promise.all(inits.map(({ path, bytes }) => this.#put(path, bytes)))
        await journal.writeEpoch(facts)
        if (this.#home !== undefined) return
        await journal.writeHead(this.#head(facts.folder, 'recording'))
        this.#home = facts.folder
      },
      stored: () => undefined,
      dropped: () => undefined,
    })
  }

  store(segment: ShowSegment): void {
    const { epoch, seq, discontinuity, startS, durationS } = segment
    const media = [...segment.tracks.values()].map(track => ({
      track,
      path: segmentPath(epoch.folder, track.track, seq),
      // The list of parts is held, so that letting go of the segment does not take it from here.
      pieces: (track.parts ?? []).map(({ bytes }) => bytes),
    }))
    let facts: SegmentFacts | undefined
    this.#line.add({
      bytes: media.reduce((sum, { track }) => sum + track.byteCount, 0),
      droppable: true,
      store: async () => {
        const tracks = await Promise.all(
          media.map(async ({ track, path, pieces }) => {
            const { bytes, sha256 } = await this.#put(path, concatBytes(pieces))
            return { name: track.track, start_s: track.startS, duration_s: track.durationS, bytes, sha256 }
          }),
        )
        const storedAtMs = this.#options.now()
        facts = {
          seq,
          epoch: epoch.epoch,
          start_s: startS,
          duration_s: durationS,
          discontinuity,
          stored_at_ms: storedAtMs,
          tracks,
        }
        await this.#journal(facts)
      },
      stored: () => {
        if (facts === undefined) return
        this.#options.settled(segment, 'stored')
        this.#options.events.segmentStored(storedSegmentOf(this.#options.streamId, facts, epoch))
      },
      dropped: () => this.#options.settled(segment, 'lost'),
    })
  }

  idle(): Promise<void> {
    return this.#line.idle()
  }

  /** Rejects while something still cannot be stored; may be called again. */
  async close(): Promise<void> {
    await this.#line.idle()
    if (this.#line.waiting > 0) throw new Error(this.#line.trouble ?? 'Segments still wait to be stored.')
    if (this.#home === undefined) return
    const { objects, journal, streamId } = this.#options
    await writeArchive({ objects, journal, streamId, home: this.#home })
    await journal.writeHead(this.#head(this.#home, 'complete'))
  }

  #head(home: string, state: 'recording' | 'complete') {
    const { streamId, produced } = this.#options
    return { stream_id: streamId, home, state, segments_produced: produced(), totals: { ...this.#stored } }
  }

  async #put(path: string, bytes: Uint8Array): Promise<{ bytes: number; sha256: string }> {
    const { objects, streamId } = this.#options
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const options = { contentType: 'video/mp4', cacheControl: MEDIA_CACHE, sha256 }
    await objects.put(recordingPrefix(streamId) + path, bytes, options)
    return { bytes: bytes.length, sha256 }
  }

  async #journal(facts: SegmentFacts): Promise<void> {
    const number = Math.floor(facts.seq / BLOCK_SEGMENTS)
    const current = this.#block?.number === number ? this.#block.value : undefined
    const value: JournalBlock =
      current === undefined
        ? { before: { ...this.#stored }, discontinuities_before: this.#discontinuities, segments: [facts] }
        : { ...current, segments: [...current.segments, facts] }
    await this.#options.journal.writeBlock(number, value)
    this.#block = { number, value }
    this.#stored.segments += 1
    this.#stored.duration_ms += facts.duration_s * 1000
    if (facts.discontinuity) this.#discontinuities += 1
  }
}
