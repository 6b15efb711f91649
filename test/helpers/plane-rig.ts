import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlaneChannelSettings } from '#shared/domain/plane-api.ts'
import type { MediaFacts, ProviderEvent, StoredSegment } from '#shared/domain/provider-event.ts'
import { providerEvent } from '#shared/domain/provider-event.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { createLog } from '#shared/service/log.ts'
import type { Publication, PublishEnd, Show, ShowEvents } from '#run-services/live/borders.ts'
import { channelLeases } from '#run-services/live/plane/channel-leases.ts'
import { channelRecords } from '#run-services/live/plane/channel-records.ts'
import { coreBudget } from '#run-services/live/plane/core-budget.ts'
import { EventSpool } from '#run-services/live/plane/event-spool.ts'
import { liveShows } from '#run-services/live/plane/live-shows.ts'
import type { EncodeRequest, PlaneParts, ShowRequest } from '#run-services/live/plane/plane-parts.ts'
import { restoreShows } from '#run-services/live/plane/restore-shows.ts'
import { streamKeys } from '#run-services/live/plane/stream-key.ts'
import { watchShows } from '#run-services/live/plane/watch-shows.ts'

export const FACTS: MediaFacts = {
  video: { codec: 'h264', width: 1280, height: 720, fps: 30 },
  audio: { codec: 'aac', sample_rate: 48_000, channels: 2 },
}

export const SETTINGS: PlaneChannelSettings = {
  name: 'Test',
  latency_mode: 'low',
  dvr_window_s: 3_600,
  renditions_max: 3,
  reconnect_window_s: 30,
  record: true,
  enabled: true,
}

const PLAN: LadderPlan = {
  fps: 30,
  gopS: 2,
  partFrames: 6,
  tracks: [{ kind: 'video', name: '720p', width: 1280, height: 720, bitrateKbps: 2800 }],
  omitted: [],
}

/** A recorder that only remembers: what a plane process leaves behind when it dies, by stream. */
export type Journals = Map<string, { segments: StoredSegment[]; closed: boolean; storedAtMs: number | undefined }>

/** A publisher under the test's hand. */
export type RigPublisher = { publication: Publication; leave(end?: PublishEnd): void; dropped(): string | undefined }

/** The plane's state machine over a real object store, with media replaced by the test's word for what happens to it. */
export async function planeRig(
  options: { directory?: string; journals?: Journals; owner?: string; startMs?: number } = {},
) {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'plane-')))
  const clock = { ms: options.startMs ?? Date.parse('2026-01-01T00:00:00Z') }
  const now = () => clock.ms
  const signing = { key: randomBytes(32), baseUrl: 'http://127.0.0.1/objects', now }
  const store: ObjectStore = directoryObjectStore({ directory, signing })
  const stopped = new AbortController()
  const log = createLog({ service: 'live', level: 'silent' })
  const keys = streamKeys(new Uint8Array(32).fill(3))
  const records = channelRecords({ store, keys, now })
  const owner = options.owner ?? 'live-1'
  const leases = channelLeases({ store, owner, boot: randomBytes(8).toString('hex'), now })
  const spool = new EventSpool({ store, owner, now, random: () => 0.5, signal: stopped.signal })
  const journals: Journals = options.journals ?? new Map()
  const shows: { request: ShowRequest; epochs: number[] }[] = []
  const encoders: EncodeRequest[] = []

  function openShow(request: ShowRequest): Show {
    const journal = journals.get(request.streamId) ?? { segments: [], closed: false, storedAtMs: undefined }
    journals.set(request.streamId, journal)
    const epochs: number[] = []
    shows.push({ request, epochs })
    return {
      streamId: request.streamId,
      openEpoch(epoch) {
        epochs.push(epoch)
        return { write: () => undefined, end: () => Promise.resolve() }
      },
      placeCue: () => clock.ms,
      edgeMs: () => clock.ms - 300,
      totals: () => ({
        segmentsProduced: journal.segments.length,
        segmentsStored: journal.segments.length,
        durationMs: journal.segments.length * 2000,
      }),
      close() {
        journal.closed = true
        return Promise.resolve()
      },
    }
  }

  const parts: PlaneParts = {
    readSource: tags => Promise.resolve({ kind: 'source', facts: FACTS, tags: arrived(tags, now) }),
    plan: () => ({ plan: PLAN, cores: 0.4 }),
    encode(request) {
      encoders.push(request)
      request.openSink(0, clock.ms)
      const aborted = new Promise<'aborted'>(resolve =>
        request.signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
      )
      const ended = Promise.race([drain(request.tags).then(() => 'source-ended' as const), aborted])
      return {
        ended: ended.then(reason => ({ reason, sentence: reason })),
        stats: () => ({ ...STATS, newestFrameAtMs: clock.ms }),
      }
    },
    openShow: request => Promise.resolve(openShow(request)),
    restoreShow(request) {
      const journal = journals.get(request.streamId)
      if (journal === undefined) return Promise.resolve(undefined)
      return Promise.resolve({
        show: openShow(request),
        segmentsFrom: seq => Promise.resolve(journal.segments.filter(segment => segment.seq >= seq)),
        lastStoredAtMs: journal.storedAtMs,
      })
    },
    forgetShow: () => undefined,
    recording: () => Promise.resolve(undefined),
    segments: () => Promise.resolve(undefined),
    recordingPrefix: streamId => `play/${streamId}/`,
  }
  const live = liveShows({
    records,
    leases,
    spool,
    parts,
    now,
    log,
    budget: coreBudget(2),
    random: length => randomBytes(length),
    place: { account: 'test', region: 'test' },
    inTrace: (_name, _attributes, work) => work(),
    traceparent: () => undefined,
  })

  return {
    directory,
    clock,
    store,
    keys,
    records,
    leases,
    spool,
    live,
    shows,
    encoders,
    journals,
    log,
    now,
    tick: () => watchShows({ shows: live, records, spool, now, log }),
    restore: () => restoreShows({ leases, shows: live, log }),
    publisher: (ref: string, keyRef: string) => publisher(ref, keyRef, now),
    /** The packager stores the next segment of the newest show. */
    async store1(epoch: number): Promise<void> {
      const { request } = shows.at(-1) ?? fail()
      const journal = journals.get(request.streamId) ?? fail()
      const segment = segmentOf(journal.segments.length, epoch, clock.ms)
      journal.segments.push(segment)
      journal.storedAtMs = clock.ms
      tell(request.events, segment)
      await new Promise(resolve => setImmediate(resolve))
      await spool.flush()
    },
    /** What lies in the spool, in order. */
    async told(): Promise<ProviderEvent[]> {
      await spool.flush()
      const events: ProviderEvent[] = []
      for await (const { key } of store.list('plane/spool/')) {
        const text = await spool.read({ key, ref: '' })
        events.push(providerEvent.parse(JSON.parse(text ?? 'null')))
      }
      return events
    },
    async [Symbol.asyncDispose]() {
      stopped.abort()
      // A test may end while its shows still write.
      if (options.directory === undefined)
        await rm(directory, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 })
    },
  }
}

/** Event names in the order they were told, without health. */
export function namesOf(events: readonly ProviderEvent[]): string[] {
  return events.flatMap(event => {
    if (event['detail-type'] === 'Stream Health Change') return []
    return 'event_name' in event.detail
      ? event.detail.event_name
      : `${event['detail-type']} ${event.detail.segment.seq}`
  })
}

const STATS = { encoders: 1, droppedGops: 0, waitingMs: 0, timestampJumps: 0, newestFrameAtMs: 0, fps: 30, gopS: 2 }

function publisher(channelRef: string, keyRef: string, now: () => number): RigPublisher {
  const ended = Promise.withResolvers<PublishEnd>()
  let sentence: string | undefined
  return {
    leave: (end = 'unpublished') => ended.resolve(end),
    dropped: () => sentence,
    publication: {
      channelRef,
      keyRef,
      protocol: 'rtmp',
      remoteAddress: '127.0.0.1',
      tags: until(ended.promise),
      ended: ended.promise,
      drop(text) {
        sentence ??= text
        ended.resolve('dropped')
      },
      received: () => ({ bytes: 1000, lastAtMs: now() }),
    },
  }
}

async function* until(end: Promise<unknown>): AsyncGenerator<never> {
  await end
}

async function* arrived<Tag extends object>(tags: AsyncIterable<Tag>, now: () => number) {
  for await (const tag of tags) yield { ...tag, atMs: now() }
}

async function drain(tags: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of tags);
}

function tell(events: ShowEvents, segment: StoredSegment): void {
  events.segmentStored(segment)
}

function segmentOf(seq: number, epoch: number, atMs: number): StoredSegment {
  const rendition = { name: '720p', uri: `play/x/${seq}.m4s`, bytes: 1000, sha256: '0'.repeat(64) }
  const pdt = new Date(atMs).toISOString()
  return { seq, epoch, pdt, duration_ms: 2000, discontinuity: false, renditions: [rendition] }
}

function fail(): never {
  throw new Error('Nothing is on.')
}
