import { rfc3339 } from '#shared/domain/clock.ts'
import type { MediaFacts, StoredSegment } from '#shared/domain/provider-event.ts'
import type { Log } from '#shared/service/log.ts'
import type { Publication, Show, ShowEvents } from '../borders.ts'
import type { HeldLease, LeasedShow } from './channel-leases.ts'
import type { EventSpool } from './event-spool.ts'
import { PLANE_COUNTERS } from './plane-metrics.ts'
import type { ProviderReports } from './provider-reports.ts'

export type KeptShowDeps = {
  lease: HeldLease
  spool: EventSpool
  reports: ProviderReports
  /** Where every object of the recording lies. */
  prefix: string
  log: Log
}

/** One show of one channel over all its publisher connections: its state, its events and what its lease remembers. */
export class KeptShow {
  readonly #deps: KeptShowDeps
  readonly show: Show
  #leased: LeasedShow
  #storageTrouble: string | undefined

  /**
   * Takes charge of a show that is remembered as `first`, new or found after a crash. `open` opens the packager's side,
   * which from then on calls back with what is durable.
   */
  static async open(
    deps: KeptShowDeps,
    first: LeasedShow,
    open: (events: ShowEvents) => Promise<Show>,
  ): Promise<KeptShow> {
    const opened = Promise.withResolvers<KeptShow>()
    const show = await open({
      segmentStored: segment => void opened.promise.then(kept => kept.#segmentStored(segment)),
      recordingFailed: sentence => void opened.promise.then(kept => kept.#recordingFailed(sentence)),
      epochPlayable: () => void opened.promise.then(kept => kept.#announce()),
    })
    const kept = new KeptShow(deps, first, show)
    opened.resolve(kept)
    return kept
  }

  private constructor(deps: KeptShowDeps, first: LeasedShow, show: Show) {
    this.#deps = deps
    this.#leased = first
    this.show = show
  }

  get streamId(): string {
    return this.#leased.stream_id
  }

  get lease(): HeldLease {
    return this.#deps.lease
  }

  get reports(): ProviderReports {
    return this.#deps.reports
  }

  leased(): LeasedShow {
    return this.#leased
  }

  /** Whether anything of it ever became playable. */
  watched(): boolean {
    const { start_reported: reported, reported_seq: seq } = this.#leased
    return reported || seq >= 0 || this.show.totals().segmentsProduced > 0
  }

  /** What is wrong with the recording, in one sentence; cleared by the next stored segment. */
  storageTrouble(): string | undefined {
    return this.#storageTrouble
  }

  /** A publisher is on, with the epoch of its connection. */
  connected(epoch: number, publication: Publication, media: MediaFacts, traceparent?: string): void {
    this.#set({
      state: 'live',
      waiting_until: null,
      connection_epoch: epoch,
      start_reported: false,
      key_ref: publication.keyRef,
      protocol: publication.protocol,
      media,
      traceparent: traceparent ?? null,
    })
    this.#renewSoon()
  }

  /** The publisher is gone: the show waits for the next one. */
  async disconnected(reason: string, waitingUntilMs: number): Promise<void> {
    const { spool, reports } = this.#deps
    const { start_reported: reported, connection_epoch: epoch, protocol } = this.#leased
    this.#set({ state: 'waiting', waiting_until: rfc3339(waitingUntilMs) })
    if (reported) void spool.append(reports.streamEnd(epoch, protocol, reason))
    await this.renew()
  }

  /** Tells what the process before may not have told: the same facts give the same event ids. */
  catchUp(segments: readonly StoredSegment[]): void {
    if (this.#leased.start_reported) this.#tellStart()
    else if (segments.length > 0) this.#announce()
    for (const segment of segments) this.#report(segment)
  }

  /** Writes the newest facts to the lease. */
  renew(): Promise<void> {
    return this.#deps.lease.save(this.#leased)
  }

  /** Ends the show for good; safe to repeat after a failure. */
  async close(reason: string): Promise<void> {
    const { lease, spool, reports, prefix } = this.#deps
    this.#set({ state: 'closing' })
    await this.renew()
    if (this.watched()) void spool.append(reports.sessionEnded(this.#leased.connection_epoch, reason))
    await this.show.close()
    const { segmentsStored: segments, durationMs } = this.show.totals()
    if (this.watched() && this.#leased.recorded)
      void spool.append(reports.recordingEnd(prefix, { segments, durationMs }))
    await spool.flush()
    await lease.save(null)
    await lease.release()
  }

  #set(facts: Partial<LeasedShow>): void {
    this.#leased = { ...this.#leased, ...facts }
  }

  /** The first thing anybody hears of a connection is that something of it can be watched. */
  #announce(): void {
    if (this.#leased.start_reported) return
    this.#set({ start_reported: true })
    this.#tellStart()
    this.#renewSoon()
  }

  #renewSoon(): void {
    this.renew().catch((error: unknown) => this.#deps.log.warn({ err: error }, 'lease: not saved'))
  }

  #tellStart(): void {
    const { spool, reports, prefix } = this.#deps
    const { connection_epoch: epoch, protocol, media, recorded } = this.#leased
    void spool.append(reports.streamStart(epoch, protocol, media ?? undefined))
    if (recorded) void spool.append(reports.recordingStart(prefix))
  }

  #segmentStored(segment: StoredSegment): void {
    PLANE_COUNTERS.segmentsStored.add(1)
    this.#storageTrouble = undefined
    this.#announce()
    this.#report(segment)
  }

  #report(segment: StoredSegment): void {
    const { spool, reports } = this.#deps
    void spool.append(reports.segmentStored(segment)).then(() => {
      if (segment.seq > this.#leased.reported_seq) this.#set({ reported_seq: segment.seq })
    })
  }

  #recordingFailed(sentence: string): void {
    if (this.#storageTrouble === undefined) {
      this.#deps.log.error({ stream_id: this.streamId, sentence }, 'recording: trouble')
    }
    this.#storageTrouble = sentence
  }
}
