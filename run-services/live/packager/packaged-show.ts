import type { Clock } from '#shared/domain/clock.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import { longestPartS } from '#shared/media/timeline.ts'
import type { EpochSink, Show, ShowEvents } from '../borders.ts'
import { CueLine } from './cue-line.ts'
import { EpochPackager, type StartedTrack } from './epoch-packager.ts'
import { playlistCursor, type Rendition } from './playlist-cursor.ts'
import type { Rendered } from './rendered.ts'
import { trackFor } from './rendition-choice.ts'
import type { EpochFacts } from './show-facts.ts'
import { showMedia } from './show-media.ts'
import { manifestText } from './show-manifest.ts'
import { DVR_PATH, folderOf, initPath, MANIFEST_PATH, MASTER_PATH } from './show-paths.ts'
import { mediaPlaylistText, type PlaylistKind, playlistPath, type ShowState } from './show-playlists.ts'
import { type ReloadVerdict, reloadVerdict } from './reload-verdict.ts'
import { RenderedTexts } from './rendered-texts.ts'
import { type ShowEdge, showEdge } from './show-edge.ts'
import { isWatchable } from './is-watchable.ts'
import type { ShowBeginning, ShowStorage } from './show-storage.ts'
import type { ShowMedia, ShowReader } from './show-reader.ts'
import { ShowSegment } from './show-segment.ts'
import { multivariantText } from './show-variants.ts'
import type { ShowWindow } from './show-window.ts'
import { WaitingReaders } from './waiting-readers.ts'

export type PackagedShowOptions = {
  streamId: string
  latencyMode: 'low' | 'standard'
  beginning: ShowBeginning
  storage: ShowStorage | undefined
  events: ShowEvents
  now: Clock
}

type RunningEpoch = { epoch: number; sink: EpochPackager; facts: EpochFacts | undefined; playable: boolean }

/** A show in memory: what the plane drives and the origin reads. */
export class PackagedShow implements Show, ShowReader {
  readonly streamId: string
  readonly readers = new WaitingReaders()
  readonly #options: PackagedShowOptions
  readonly #window: ShowWindow
  readonly #cues = new CueLine()
  readonly #renditions = new Map<string, Rendition>()
  readonly #inits = new Map<string, Uint8Array>()
  readonly #peaks = new Map<string, number>()
  readonly #texts = new RenderedTexts()
  #home: string | undefined
  #nextSeq: number
  #produced: number
  #stored: number
  #durationMs: number
  #showBeganMs: number | undefined
  #lastEndMs = 0
  #running: RunningEpoch | undefined
  #newest: EpochFacts | undefined
  /** The newest encoder run of which there was something to watch. */
  #watched: EpochFacts | undefined
  #partTargetS: number | undefined
  #targetDurationS = 2
  #ended = false
  #closing: Promise<void> | undefined

  constructor(options: PackagedShowOptions) {
    const { beginning } = options
    this.#options = options
    this.streamId = options.streamId
    this.#window = beginning.window
    this.#home = beginning.home
    this.#nextSeq = beginning.nextSeq
    this.#produced = beginning.stored
    this.#stored = beginning.stored
    this.#durationMs = beginning.durationMs
    for (const facts of beginning.epochs) this.#know(facts)
    const last = this.#window.newest
    if (last !== undefined) this.#lastEndMs = last.pdtMs + last.durationS * 1000
  }

  get targetDurationS(): number {
    return this.#targetDurationS
  }

  get partTargetS(): number | undefined {
    return this.#partTargetS
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  get ended(): boolean {
    return this.#ended
  }

  openEpoch(epoch: number, plan: LadderPlan, firstFrameAtMs: () => number): EpochSink {
    void this.#running?.sink.end()
    const running: RunningEpoch = {
      epoch,
      sink: undefined as unknown as EpochPackager,
      facts: undefined,
      playable: false,
    }
    running.sink = new EpochPackager(plan, {
      begin: (tracks, firstS) => this.#begin(running, plan, tracks, firstS, firstFrameAtMs()),
      openSegment: startS => this.#openSegment(running, startS),
      withCues: (track, chunk) => this.#cues.into(chunk.bytes, { ...track, ...chunk }),
      changed: track => this.#changed(running, track),
      finished: segment => this.#finished(segment),
      ended: () => this.#epochEnded(running),
    })
    this.#running = running
    this.#touch()
    return running.sink
  }

  placeCue(payload: string): number {
    const edge = this.#edge()
    this.#cues.place(payload, edge?.atS ?? 0)
    return edge?.atMs ?? this.edgeMs() ?? this.#options.now()
  }

  edgeMs(): number | undefined {
    return this.#edge()?.atMs ?? (this.#lastEndMs === 0 ? undefined : this.#lastEndMs)
  }

  totals(): { segmentsProduced: number; segmentsStored: number; durationMs: number } {
    return { segmentsProduced: this.#produced, segmentsStored: this.#stored, durationMs: Math.round(this.#durationMs) }
  }

  close(): Promise<void> {
    // What could not be stored now can be by a later call.
    this.#closing ??= this.#close().catch((error: unknown) => {
      this.#closing = undefined
      throw error
    })
    return this.#closing
  }

  /** A segment is durable, or storing it was given up. */
  settled(segment: ShowSegment, storage: 'stored' | 'lost'): void {
    segment.storage = storage
    if (storage === 'stored') this.#stored += 1
    this.#window.trim()
    if (storage === 'lost') this.#touch()
  }

  entry(path: string): Rendered | undefined {
    const newest = this.#newest
    const home = this.#home
    if (newest === undefined || home === undefined || !this.#watchable()) return undefined
    const peak = (track: string): number => this.#peaks.get(track) ?? 0
    switch (path) {
      case MASTER_PATH:
      case DVR_PATH: {
        const kind = path === DVR_PATH ? 'dvr' : 'live'
        return this.#texts.get(path, undefined, () =>
          multivariantText(newest, name => playlistPath(home, name, kind), peak),
        )
      }
      case MANIFEST_PATH:
        return this.#texts.get(path, undefined, () => manifestText(this.#state(home), peak, this.#options.now()))
      default:
        return undefined
    }
  }

  playlist(folder: string, name: string, kind: PlaylistKind, skip: boolean): Rendered | undefined {
    const rendition = this.#renditions.get(name)
    const home = this.#home
    if (rendition === undefined || home === undefined || folder !== home) return undefined
    if (this.#window.segments.length === 0) return undefined
    const track = this.#newest === undefined ? undefined : trackFor(this.#newest, rendition)
    return this.#texts.get(`${kind}${skip ? '-skip' : ''} ${name}`, track?.name, () =>
      mediaPlaylistText(this.#state(home), rendition, kind, skip),
    )
  }

  listed(name: string): boolean {
    const rendition = this.#renditions.get(name)
    const first = this.#window.segments[0]
    if (rendition === undefined || first === undefined) return false
    return this.#ended || playlistCursor(this.#window, rendition).completeSeq >= first.seq
  }

  reload(name: string, msn: number, part: number | undefined): ReloadVerdict {
    const rendition = this.#renditions.get(name)
    if (rendition === undefined) return 'too-far'
    return this.#ended ? 'ready' : reloadVerdict(this.#window, rendition, { msn, part, partTargetS: this.#partTargetS })
  }

  media(folder: string, track: string, file: string): ShowMedia {
    const init = this.#inits.get(`${folder}/${track}/${file}`)
    if (init !== undefined) return { kind: 'bytes', pieces: [init] }
    const newest = this.#newest
    const coming =
      newest !== undefined &&
      !this.#ended &&
      newest.folder === folder &&
      newest.tracks.some(({ name }) => name === track)
        ? { nextSeq: this.#comingSeq(newest, track) }
        : undefined
    return showMedia(this.#window, { folder, track, file, coming, recorded: this.#options.storage !== undefined })
  }

  #begin(
    running: RunningEpoch,
    plan: LadderPlan,
    tracks: readonly StartedTrack[],
    firstS: number,
    firstFrameAtMs: number,
  ): void {
    const folder = folderOf(running.epoch)
    this.#home ??= folder
    // Time never runs backwards for players, whatever the clock does between two encoders.
    const firstAtMs = Math.max(firstFrameAtMs, this.#lastEndMs)
    this.#showBeganMs ??= firstAtMs
    const facts: EpochFacts = {
      epoch: running.epoch,
      folder,
      fps: plan.fps,
      gop_s: plan.gopS,
      zero_at_ms: firstAtMs - firstS * 1000,
      first_seq: this.#nextSeq,
      first_s: firstS,
      show_began_ms: this.#showBeganMs,
      tracks: tracks.map(track => track.facts),
    }
    running.facts = facts
    this.#know(facts)
    if (this.#options.latencyMode === 'low') {
      const rates = facts.tracks.filter(({ kind }) => kind === 'audio').map(track => track.sample_rate)
      this.#partTargetS = Math.max(this.#partTargetS ?? 0, longestPartS(plan, rates))
    }
    const inits = tracks.map(track => ({ path: initPath(folder, track.facts.name, running.epoch), bytes: track.init }))
    for (const { path, bytes } of inits) this.#inits.set(path, bytes)
    this.#cues.rebase()
    this.#options.storage?.beginEpoch(facts, inits)
    this.#touch()
  }

  #know(facts: EpochFacts): void {
    this.#newest = facts
    this.#showBeganMs ??= facts.show_began_ms
    this.#targetDurationS = Math.max(this.#targetDurationS, Math.round(facts.gop_s))
    for (const { name, kind, height } of facts.tracks) {
      if (!this.#renditions.has(name)) this.#renditions.set(name, { name, kind, height })
    }
  }

  #openSegment({ facts }: RunningEpoch, startS: number): ShowSegment {
    if (facts === undefined) throw new Error('A segment before its epoch.')
    const first = this.#window.newest?.epoch !== facts
    const segment = new ShowSegment(this.#nextSeq, facts, startS, first && this.#nextSeq > 0)
    this.#nextSeq += 1
    this.#window.open(segment)
    return segment
  }

  #changed(running: RunningEpoch, track: string): void {
    const media = this.#window.newest?.tracks.get(track)
    const newestPart = media?.parts?.at(-1)
    if (this.#partTargetS !== undefined && newestPart !== undefined && newestPart.durationS > this.#partTargetS) {
      this.#partTargetS = newestPart.durationS
      this.#texts.allChanged()
    }
    this.#texts.changed(track)
    if (!running.playable && this.#watchable()) {
      running.playable = true
      this.#touch()
      this.#options.events.epochPlayable(running.epoch)
      return
    }
    this.readers.wake()
  }

  #watchable(): boolean {
    const facts = this.#newest
    if (facts !== undefined && this.#watched !== facts && isWatchable(this.#window, facts, this.#options.latencyMode)) {
      this.#watched = facts
    }
    return facts !== undefined && this.#watched === facts
  }

  #finished(segment: ShowSegment): void {
    this.#produced += 1
    this.#durationMs += segment.durationS * 1000
    this.#lastEndMs = segment.pdtMs + segment.durationS * 1000
    for (const [name, media] of segment.tracks) {
      if (media.durationS < segment.epoch.gop_s / 2) continue
      this.#peaks.set(name, Math.max(this.#peaks.get(name) ?? 0, (media.byteCount * 8) / media.durationS))
    }
    this.#cues.sweep(segment.epoch.tracks.filter(({ kind }) => kind === 'video').map(({ name }) => name))
    this.#window.finished(segment)
    this.#forgetInits()
    this.#options.storage?.store(segment)
    this.#touch()
  }

  #forgetInits(): void {
    const kept = new Set(this.#window.epochs().map(({ epoch }) => epoch))
    for (const path of this.#inits.keys()) {
      const epoch = Number(/init-(\d+)\.mp4$/u.exec(path)?.[1])
      if (!kept.has(epoch) && epoch !== this.#running?.epoch) this.#inits.delete(path)
    }
  }

  async #epochEnded(running: RunningEpoch): Promise<void> {
    if (this.#running === running) this.#running = undefined
    this.#touch()
    await this.#options.storage?.idle()
  }

  async #close(): Promise<void> {
    await this.#running?.sink.end()
    this.#ended = true
    this.#touch()
    await this.#options.storage?.close()
  }

  #edge(): ShowEdge | undefined {
    const facts = this.#running?.facts
    return facts === undefined ? undefined : showEdge(this.#window, facts)
  }

  /** The segment whose beginning a reader of that track may wait for. */
  #comingSeq(facts: EpochFacts, track: string): number {
    const newest = this.#window.segments.findLast(({ epoch, tracks }) => epoch === facts && tracks.has(track))
    return newest === undefined ? facts.first_seq : newest.seq + 1
  }

  #state(home: string): ShowState {
    return {
      home,
      window: this.#window,
      running: this.#running?.facts,
      renditions: [...this.#renditions.values()],
      targetDurationS: this.#targetDurationS,
      partTargetS: this.#partTargetS,
      ended: this.#ended,
    }
  }

  #touch(): void {
    this.#texts.allChanged()
    this.readers.wake()
  }
}
