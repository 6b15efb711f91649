import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { atS, segmentOf } from '#test/helpers/plane-reports.ts'
import type { DomainEvent, EventOf } from '#shared/domain/domain-event.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { decidedAfterMs } from './highlights/highlight-picks.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { MEASURE_SEGMENTS } from './measure-job.ts'

const CREATOR = 'crtr_test'

const insertStream = namedQuery('event-test.stream', ['strm_sample'], (streamId: string) =>
  tables.insertInto('streams').values({
    stream_id: streamId,
    creator_id: CREATOR,
    channel_id: 'chan_test',
    provider_stream_id: streamId.replace('strm', 'play'),
    title: 'A show',
    state: 'live',
    started_at: atS(0),
  }),
)
const endStream = namedQuery('event-test.end', ['strm_sample'], (streamId: string) =>
  tables
    .updateTable('streams')
    .set({ state: 'ended', ended_at: atS(60) })
    .where('stream_id', '=', streamId),
)
const insertSegment = namedQuery(
  'event-test.segment',
  ['strm_sample', segmentOf('play_sample', 0, 0)],
  (streamId: string, { seq, epoch, pdt, duration_ms, discontinuity, renditions }: StoredSegment) =>
    tables
      .insertInto('segments')
      .values({ stream_id: streamId, seq, epoch, pdt, duration_ms, discontinuity, renditions: json(renditions) }),
)

let clips: ClipsService
let shows = 0
let events = 0

beforeAll(async () => {
  clips = await clipsService()
})
afterAll(() => clips[Symbol.asyncDispose]())

/** A show on the air whose segments are told as they are stored. */
async function aShow() {
  const streamId = `strm_${'abcdefghij'[(shows += 1)]?.repeat(26)}`
  await clips.deps.database.transaction(tx => tx.write(insertStream(streamId)))
  const facts = { stream_id: streamId, creator_id: CREATOR, channel_id: 'chan_test', playback_id: 'play_x', epoch: 1 }
  const event = <Type extends DomainEvent['type']>(type: Type, data: EventOf<Type>['data']) =>
    ({
      specversion: '1.0',
      id: `evt_${(events += 1)}`,
      source: 'channels',
      type,
      subject: streamId,
      time: atS(0),
      dataschema: `https://showreel.dev/schemas/events/${type}`,
      sequence: events,
      partitionkey: streamId,
      class: 'real',
      data,
    }) as unknown as DomainEvent
  const push = async (told: DomainEvent) => {
    const before = clips.wakes.length
    expect(await clips.push('clips--streams', told)).toBe(204)
    const asked = clips.wakes.slice(before)
    return Promise.all(asked.map(async ({ jobId }) => (await clips.deps.jobs.get(jobId))?.input))
  }
  const stored = async (seq: number, changes: Partial<StoredSegment> = {}) => {
    const segment = { ...segmentOf('play_x', seq, seq * 2), ...changes }
    await clips.deps.database.transaction(tx => tx.write(insertSegment(streamId, segment)))
    return event('segment.finalized', { ...facts, segment })
  }
  return {
    streamId,
    push,
    stored,
    segment: async (seq: number, changes: Partial<StoredSegment> = {}) => push(await stored(seq, changes)),
    end: async () => {
      await clips.deps.database.transaction(tx => tx.write(endStream(streamId)))
      return push(event('stream.ended', { ...facts, ended_at: atS(60), duration_ms: 60_000, reason: 'done' }))
    },
    marker: (atMs: number) => event('marker.added', { ...facts, marker_id: 'mark_a', kind: 'highlight', at_ms: atMs }),
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test('every stretch is measured once it is whole, and the rest when the show ends', async () => {
  const show = await aShow()
  const asked = []
  for (const seq of range(0, MEASURE_SEGMENTS * 2 + 3)) asked.push(...(await show.segment(seq)))
  expect(asked).toEqual([
    { from_seq: 0, to_seq: MEASURE_SEGMENTS - 1 },
    { from_seq: MEASURE_SEGMENTS, to_seq: MEASURE_SEGMENTS * 2 - 1 },
  ])
  expect(await show.end()).toEqual([{ from_seq: MEASURE_SEGMENTS * 2, to_seq: MEASURE_SEGMENTS * 2 + 2 }])
})

test('the same news twice asks for nothing twice', async () => {
  const show = await aShow()
  for (const seq of range(0, MEASURE_SEGMENTS - 1)) await show.segment(seq)
  const last = await show.stored(MEASURE_SEGMENTS - 1)
  expect(await show.push(last)).toHaveLength(1)
  expect(await show.push(last)).toEqual([])
  expect(await show.push({ ...last, id: 'evt_again' })).toEqual([])
})

test('one decoder never reads over a hole or into another encoder’s segments', async () => {
  const show = await aShow()
  for (const seq of [0, 1, 2, 4, 5]) await show.segment(seq)
  for (const seq of range(6, 10)) await show.segment(seq, { epoch: 2, discontinuity: seq === 6 })
  for (const seq of range(10, MEASURE_SEGMENTS - 1)) await show.segment(seq, { epoch: 2, discontinuity: seq === 10 })
  expect(await show.segment(MEASURE_SEGMENTS - 1, { epoch: 2 })).toEqual([
    { from_seq: 0, to_seq: 2 },
    { from_seq: 4, to_seq: 5 },
    { from_seq: 6, to_seq: 9 },
    { from_seq: 10, to_seq: MEASURE_SEGMENTS - 1 },
  ])
})

test('a stretch whose last segment never comes is measured when the next begins', async () => {
  const show = await aShow()
  for (const seq of range(0, MEASURE_SEGMENTS - 1)) await show.segment(seq)
  expect(await show.segment(MEASURE_SEGMENTS)).toEqual([{ from_seq: 0, to_seq: MEASURE_SEGMENTS - 2 }])
})

test('a segment that is found after the end is measured with its neighbours', async () => {
  const show = await aShow()
  for (const seq of [0, 1, 3]) await show.segment(seq)
  expect(await show.end()).toEqual([
    { from_seq: 0, to_seq: 1 },
    { from_seq: 3, to_seq: 3 },
  ])
  expect(await show.segment(2)).toEqual([{ from_seq: 0, to_seq: 3 }])
})

test('media that cannot be measured piece by piece is left alone', async () => {
  const show = await aShow()
  const renditions = [{ name: '720p30', uri: 'ivs/v1/a/0.ts', bytes: 1, sha256: 'a'.repeat(64) }]
  for (const seq of range(0, MEASURE_SEGMENTS)) expect(await show.segment(seq, { renditions })).toEqual([])
})

test('a marker is looked at when what comes after it exists, once', async () => {
  const show = await aShow()
  clips.clock.nowMs = Date.parse(atS(20))
  const marker = show.marker(18_000)
  expect(await show.push(marker)).toEqual([{ at_ms: 18_000, marked: true, round: 0 }])
  expect(await show.push(marker)).toEqual([])
  const wake = clips.wakes.at(-1)
  expect(wake?.notBefore).toBe(new Date(Date.parse(atS(18)) + decidedAfterMs(DEFAULT_RULES)).toISOString())
})
