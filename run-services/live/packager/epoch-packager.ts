import { CmafReader, type CmafChunk, type CmafInit, type CmafPiece } from '#shared/media/isobmff/cmaf-reader.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import type { EpochSink } from '../borders.ts'
import { PackagerError } from './packager-error.ts'
import { Segmenter } from './segmenter.ts'
import type { TrackFacts } from './show-facts.ts'
import type { ShowSegment } from './show-segment.ts'

/** Picture that may wait for the first sound before the show starts without any, in seconds. */
const START_WAIT_S = 3
/** Chunks that may wait for the last initialization segment. */
const EARLY_CHUNKS_MAX = 512

export type StartedTrack = { facts: TrackFacts; init: Uint8Array }

/** What the show does for one encoder run. */
export type EpochHost = {
  /** All tracks are known; media second `firstS` comes first. */
  begin(tracks: readonly StartedTrack[], firstS: number): void
  openSegment(startS: number): ShowSegment
  /** May put timed metadata in front of a chunk of picture. */
  withCues(track: TrackFacts, chunk: { startS: number; endS: number; bytes: Uint8Array }): Uint8Array
  changed(track: string): void
  finished(segment: ShowSegment): void
  ended(): Promise<void>
}

type TrackInput = {
  facts: Omit<TrackFacts, 'codec' | 'timescale'>
  reader: CmafReader
  init: CmafInit | undefined
}

/** One encoder run: raw fMP4 of every track in, segments of the show out. */
export class EpochPackager implements EpochSink {
  readonly #host: EpochHost
  readonly #plan: LadderPlan
  readonly #inputs: readonly TrackInput[]
  #early: { input: TrackInput; chunk: CmafChunk }[] = []
  #segmenter: Segmenter | undefined
  #started: ReadonlyMap<TrackInput, TrackFacts> = new Map()
  #end: Promise<void> | undefined
  #failed = false

  constructor(plan: LadderPlan, host: EpochHost) {
    this.#host = host
    this.#plan = plan
    this.#inputs = plan.tracks.map(track => ({
      facts: {
        name: track.name,
        kind: track.kind,
        bitrate_kbps: track.bitrateKbps,
        width: track.kind === 'video' ? track.width : 0,
        height: track.kind === 'video' ? track.height : 0,
        sample_rate: track.kind === 'audio' ? track.sampleRate : 0,
        channels: track.kind === 'audio' ? track.channels : 0,
      },
      reader: new CmafReader(),
      init: undefined,
    }))
  }

  /**
   * Takes bytes of one track. Throws `PackagerError` or `IsobmffError` when the encoder's output cannot be packaged: stop
   * that encoder and open another epoch. Bytes after that, or after `end`, are dropped.
   */
  write(track: number, bytes: Uint8Array): void {
    if (this.#failed || this.#end !== undefined) return
    const input = this.#inputs[track]
    if (input === undefined) throw new PackagerError('unknown-track', `The plan has no track ${track}.`)
    try {
      for (const piece of input.reader.push(bytes)) this.#take(input, piece)
    } catch (error) {
      this.#failed = true
      throw error
    }
  }

  end(): Promise<void> {
    this.#end ??= this.#finish()
    return this.#end
  }

  async #finish(): Promise<void> {
    if (this.#segmenter === undefined && !this.#failed && this.#early.length > 0) this.#start()
    this.#segmenter?.end()
    this.#early = []
    await this.#host.ended()
  }

  #take(input: TrackInput, piece: CmafPiece): void {
    if (piece.kind === 'init') {
      input.init = piece
      if (this.#segmenter === undefined && this.#inputs.every(({ init }) => init !== undefined)) this.#startIfVideo()
      return
    }
    if (this.#segmenter !== undefined) return this.#add(input, piece)
    if (this.#early.length === EARLY_CHUNKS_MAX) throw new PackagerError('no-init', 'A track never began.')
    this.#early.push({ input, chunk: piece })
    this.#startIfVideo()
  }

  /** Starts with the first picture once every track is there, or without the sound that does not come. */
  #startIfVideo(): void {
    const first = this.#firstVideo()
    if (first === undefined) return
    const waiting = this.#inputs.filter(({ init }) => init === undefined)
    if (waiting.some(({ facts }) => facts.kind === 'video')) return
    const timescale = first.input.init?.track.timescale ?? 1
    const newest = this.#early.findLast(({ input }) => input === first.input)?.chunk ?? first.chunk
    const waitedS = (newest.time - first.chunk.time) / timescale
    if (waiting.length === 0 || waitedS >= START_WAIT_S) this.#start()
  }

  #firstVideo(): { input: TrackInput; chunk: CmafChunk } | undefined {
    return this.#early.find(({ input }) => input.facts.kind === 'video')
  }

  #start(): void {
    const first = this.#firstVideo()
    if (first === undefined) return
    const started = this.#inputs.flatMap(input => {
      if (input.init === undefined) return []
      const { codec, timescale } = input.init.track
      return [{ input, facts: { ...input.facts, codec, timescale }, init: input.init.bytes }]
    })
    this.#started = new Map(started.map(({ input, facts }) => [input, facts]))
    this.#host.begin(started, first.chunk.time / (first.input.init?.track.timescale ?? 1))
    this.#segmenter = new Segmenter({
      gopS: this.#plan.gopS,
      fps: this.#plan.fps,
      tracks: started.map(({ facts }) => facts),
      open: startS => this.#host.openSegment(startS),
      changed: track => this.#host.changed(track),
      finished: segment => this.#host.finished(segment),
    })
    const early = this.#early
    this.#early = []
    for (const { input, chunk } of early) this.#add(input, chunk)
  }

  #add(input: TrackInput, chunk: CmafChunk): void {
    const track = this.#started.get(input)
    if (track === undefined) return
    const startS = chunk.time / track.timescale
    const durationS = chunk.duration / track.timescale
    const bytes =
      track.kind === 'video'
        ? this.#host.withCues(track, { startS, endS: startS + durationS, bytes: chunk.bytes })
        : chunk.bytes
    this.#segmenter?.add(track.name, { startS, durationS, independent: chunk.sync, bytes })
  }
}
