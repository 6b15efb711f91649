import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { insertOtherClips } from '#test/helpers/insert-other-clips.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { atS } from '#test/helpers/plane-reports.ts'
import { rowsRead } from '#test/helpers/rows-read.ts'
import { transportSegments } from '#test/helpers/transport-segments.ts'
import type { ClipAnswer } from './clip-answer.ts'
import { finishCuts } from './finish-cuts.ts'
import { listWaiting } from './waiting-queries.ts'

const SECONDS = 4
const CREATOR = 'crtr_test'

const insertStream = namedQuery('waiting-test.stream', ['strm_sample', 'ivs-a-1'], (streamId: string, showId: string) =>
  tables.insertInto('streams').values({
    stream_id: streamId,
    creator_id: CREATOR,
    channel_id: 'chan_test',
    provider_stream_id: showId,
    title: 'A show',
    state: 'live',
    started_at: atS(0),
  }),
)
const insertCreator = namedQuery('waiting-test.creator', [], () =>
  tables.insertInto('creators').values({ creator_id: CREATOR, handle: 'alice', display_name: 'Alice' }),
)
const insertSegment = namedQuery(
  'waiting-test.segment',
  ['strm_sample', 0, 'ivs/0.ts', 1],
  (streamId: string, seq: number, uri: string, bytes: number) =>
    tables.insertInto('segments').values({
      stream_id: streamId,
      seq,
      epoch: 1,
      pdt: atS(seq),
      duration_ms: 1_000,
      discontinuity: false,
      renditions: json([{ name: '180p30', uri, bytes, etag: '"a"' }]),
    }),
)
let clips: ClipsService
let media: Uint8Array[]
let shows = 0
let events = 0

beforeAll(async () => {
  clips = await clipsService()
  const { path } = await markedMedia({ fps: 30, seconds: SECONDS, width: 320, height: 180 })
  media = await transportSegments(path, { segmentS: 1 })
  await clips.deps.database.transaction(tx => tx.write(insertCreator()))
}, 60_000)
afterAll(() => clips[Symbol.asyncDispose]())

/** A show on IVS, ten seconds old, of which nothing is stored. */
async function aShow() {
  const name = 'abcdefghijklmn'[(shows += 1)] ?? 'z'
  const streamId = `strm_${name.repeat(26)}`
  const showId = `ivs-${name}-1`
  await clips.deps.database.transaction(tx => tx.write(insertStream(streamId, showId)))
  clips.clock.nowMs = Math.max(clips.clock.nowMs, Date.parse(atS(10)))
  const facts = { stream_id: streamId, creator_id: CREATOR, channel_id: 'chan_test', playback_id: showId, epoch: 1 }
  const told = (seq: number): DomainEvent => {
    const segment = {
      seq,
      epoch: 1,
      pdt: atS(seq),
      duration_ms: 1_000,
      discontinuity: false,
      renditions: [{ name: '180p30', uri: `ivs/${name}/${seq}.ts`, bytes: media[seq]?.length ?? 0 }],
    }
    return {
      specversion: '1.0',
      id: `evt_${(events += 1)}`,
      source: 'channels',
      type: 'segment.finalized',
      subject: streamId,
      time: atS(0),
      dataschema: 'https://showreel.dev/schemas/events/segment.finalized',
      sequence: events,
      partitionkey: streamId,
      class: 'real',
      data: { ...facts, segment },
    } as unknown as DomainEvent
  }
  return {
    streamId,
    told,
    ask: async (startMs: number, endMs: number): Promise<ClipAnswer> => {
      // Of shows that began a while ago ranges are waited for no longer; each is asked for while it is new.
      clips.clock.nowMs = Date.parse(atS(10))
      const body = { stream_id: streamId, start_ms: startMs, end_ms: endMs }
      const response = await clips.service.asUser(clips.app, 'vera', ['viewer'])('/v1/clips', { body })
      expect(response.status).toBe(201)
      return (await response.json()) as ClipAnswer
    },
    /** The segment is stored and indexed; nobody is told. */
    store: async (seq: number): Promise<void> => {
      const bytes = media[seq] ?? new Uint8Array()
      const key = `ivs/${name}/${seq}.ts`
      await clips.store.put(key, bytes, { contentType: 'video/MP2T' })
      await clips.deps.database.transaction(tx => tx.write(insertSegment(streamId, seq, key, bytes.length)))
    },
  }
}

/** Tells clips of it; gives the subjects of the cuts that are asked for. */
async function tell(event: DomainEvent): Promise<(string | undefined)[]> {
  const before = clips.wakes.length
  expect(await clips.push('clips--streams', event)).toBe(204)
  const asked = clips.wakes.slice(before).filter(({ queue }) => queue === 'cut-clip')
  return Promise.all(asked.map(async ({ jobId }) => (await clips.deps.jobs.get(jobId))?.subjectId))
}

async function work(): Promise<void> {
  const { jobId: job_id } = clips.wakes.findLast(({ queue }) => queue === 'cut-clip') ?? {}
  const task = await clips.service.asService(clips.app, 'clips', 'queue')('/tasks/cut-clip', { body: { job_id } })
  expect(task.status).toBe(204)
}

const call = async (path: string, method = 'GET', body?: object) => {
  const options = body === undefined ? { method } : { method, body }
  return clips.service.asUser(clips.app, 'vera', ['viewer'])(path, options)
}
const stateOf = async ({ id }: ClipAnswer) => ((await (await call(`/v1/clips/${id}`)).json()) as ClipAnswer).state

test('a segment asks once for the cut of the clips that end with it or before, and of no other', async () => {
  const show = await aShow()
  const soon = await show.ask(200, 1_800)
  const later = await show.ask(200, 2_800)
  for (const seq of [0, 1]) await show.store(seq)
  expect(await tell(show.told(0))).toEqual([])
  const last = show.told(1)
  expect(await tell(last)).toEqual([soon.id])
  expect(await tell(last)).toEqual([])
  await work()
  expect([await stateOf(soon), await stateOf(later)]).toEqual(['playable', 'requested'])
})

test('a segment that is late in the middle is waited for', async () => {
  const show = await aShow()
  const clip = await show.ask(200, 2_800)
  for (const seq of [0, 2]) await show.store(seq)
  expect(await tell(show.told(2))).toEqual([clip.id])
  await work()
  expect(await stateOf(clip)).toBe('requested')
  await show.store(1)
  await show.store(3)
  expect(await tell(show.told(3))).toEqual([clip.id])
  await work()
  expect(await stateOf(clip)).toBe('playable')
})

test('a segment of a show that our own plane carries asks for no cut', async () => {
  const show = await aShow()
  await show.ask(0, 1_000)
  await show.store(0)
  const event = show.told(0)
  const carried = { ...event, data: { ...event.data, playback_id: 'play_aaaaaaaaaaaaaaaaaaaaaaaaaa' } } as DomainEvent
  expect(await tell(carried)).toEqual([])
})

test('what is never stored is given up five minutes after it was shown: the clip fails with its reason', async () => {
  const show = await aShow()
  const clip = await show.ask(1_000, 3_000)
  clips.clock.nowMs = Date.parse(atS(3)) + 5 * 60_000
  await finishCuts(clips.deps, clips.deps.cutting)
  expect(await stateOf(clip)).toBe('requested')
  clips.clock.nowMs += 31_000
  await finishCuts(clips.deps, clips.deps.cutting)
  expect(await (await call(`/v1/clips/${clip.id}`)).json()).toMatchObject({ state: 'failed', reason: 'no-media' })
})

test('a clip that waits can be renamed and deleted, but not cut anew', async () => {
  const show = await aShow()
  const clip = await show.ask(0, 1_000)
  const renamed = await call(`/v1/clips/${clip.id}`, 'PATCH', { title: 'Renamed' })
  expect(await renamed.json()).toMatchObject({ title: 'Renamed', state: 'requested' })
  const moved = await call(`/v1/clips/${clip.id}`, 'PATCH', { end_ms: 2_000 })
  expect({ status: moved.status, body: await moved.json() }).toMatchObject({
    status: 409,
    body: { code: 'state.illegal' },
  })
  expect((await call(`/v1/clips/${clip.id}`, 'DELETE')).status).toBe(204)
  await show.store(0)
  expect(await tell(show.told(0))).toEqual([])
})

test('clips that wait keep nobody from the line of forgotten cuts', async () => {
  const show = await aShow()
  const waiting = await Promise.all(Array.from({ length: 51 }, () => show.ask(2_000, 4_000)))
  const other = await aShow()
  const forgotten = await other.ask(0, 1_000)
  await other.store(0)
  clips.clock.nowMs += 31_000
  await finishCuts(clips.deps, clips.deps.cutting)
  await finishCuts(clips.deps, clips.deps.cutting)
  expect(await stateOf(forgotten)).toBe('playable')
  expect(await stateOf(waiting[0] ?? forgotten)).toBe('requested')
})

test('looking for clips that wait reads as much of a show with many clips as of one with few', async () => {
  const show = await aShow()
  await show.ask(0, 1_000)
  const counts: number[] = []
  for (const [from, count] of [
    [0, 100],
    [100, 300],
    [400, 1_200],
  ] as const) {
    await clips.deps.database.transaction(tx => tx.write(insertOtherClips(CREATOR, show.streamId, from, count)))
    counts.push(await rowsRead(clips.engine, listWaiting(show.streamId, 2_000, 100)))
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(counts[0] ?? 0)
})
