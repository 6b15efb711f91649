import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { MEASURE_HZ, MEASURE_SEGMENTS } from './measure-job.ts'
import type { Simulation } from './rules-answer.ts'
import { insertSignals } from './signals-queries.ts'

const STREAM = `strm_${'a'.repeat(26)}`
const SEGMENT_MS = 2_000
const STRETCH_MS = MEASURE_SEGMENTS * SEGMENT_MS
/** An hour of show, with a roar in the middle. */
const STRETCHES = 120
const ROAR_MS = 1_800_000

const insertStream = namedQuery('simulate-test.stream', ['crtr_a', 't'], (creatorId: string, startedAt: string) =>
  tables.insertInto('streams').values({
    stream_id: STREAM,
    creator_id: creatorId,
    channel_id: 'chan_a',
    provider_stream_id: 'play_a',
    title: 'A show',
    state: 'live',
    started_at: startedAt,
  }),
)

let clips: ClipsService

beforeAll(async () => {
  clips = await clipsService()
  await clips.deps.database.transaction(async tx => {
    const startedMs = clips.clock.nowMs - STRETCHES * STRETCH_MS
    await tx.write(insertStream(clips.service.idOf('ann'), rfc3339(startedMs)))
    for (let stretch = 0; stretch < STRETCHES; stretch += 1) await tx.write(insertSignals(stretchRow(stretch)))
  })
})
afterAll(() => clips[Symbol.asyncDispose]())

function stretchRow(stretch: number) {
  const values = Array.from({ length: (STRETCH_MS / 1000) * MEASURE_HZ }, (_, index) => {
    const atMs = stretch * STRETCH_MS + (index * 1000) / MEASURE_HZ
    return Math.abs(atMs - ROAR_MS) < 3_000 ? -6 : -24 + Math.sin(atMs)
  })
  const strip = {
    key: `play/play_a/strip/${stretch}.jpg`,
    bytes: 1,
    sha256: 'a'.repeat(64),
    every_ms: 2_000,
    columns: 5,
    frames: MEASURE_SEGMENTS,
    width: 160,
    height: 90,
  }
  return {
    stream_id: STREAM,
    from_seq: stretch * MEASURE_SEGMENTS,
    to_seq: (stretch + 1) * MEASURE_SEGMENTS - 1,
    from_ms: stretch * STRETCH_MS,
    to_ms: (stretch + 1) * STRETCH_MS,
    signals: json({ loudness_lufs: values, motion: values.map(() => 0.01) }),
    strip: json(strip),
  }
}

async function simulate(body: object, sub = 'ann') {
  const answer = await clips.service.asUser(clips.app, sub)('/v1/clip-rules:simulate', {
    body: { stream_id: STREAM, ...body },
  })
  return { status: answer.status, body: (await answer.json()) as Simulation }
}

test('the same tape gives the same picks, and nothing is made of them', async () => {
  const { status, body } = await simulate({})
  expect(status).toBe(200)
  expect(body.picks).toHaveLength(1)
  expect(body.picks[0]?.reasons).toMatchObject([{ signal: 'loudness' }])
  expect(Math.abs((body.picks[0]?.start_ms ?? 0) + DEFAULT_RULES.before_ms - ROAR_MS)).toBeLessThan(5_000)
  expect(await simulate({})).toEqual({ status, body })
  const listed = await clips.service.asUser(clips.app, 'ann')(`/v1/clips?stream=${STREAM}`)
  expect(((await listed.json()) as { data: unknown[] }).data).toEqual([])
})

test('rules can be tried before they count, also when one’s own are off', async () => {
  const off = { ...DEFAULT_RULES, enabled: false }
  await clips.service.asUser(clips.app, 'ann')('/v1/clip-rules', { method: 'PUT', body: off })
  const own = await simulate({})
  expect(own.body).toMatchObject({ rules_version: 1 })
  expect(own.body.picks).toHaveLength(1)
  const tried = await simulate({ rules: { ...DEFAULT_RULES, threshold: 50 } })
  expect(tried.body).toMatchObject({ rules_version: 0, picks: [] })
})

test('a long show’s curve is bounded and keeps its peaks; a range of it is told in full', async () => {
  const whole = (await simulate({})).body
  expect(whole.curve).toHaveLength((STRETCHES * STRETCH_MS * MEASURE_HZ) / 1000 / 2)
  expect(whole.strips).toHaveLength(STRETCHES)
  const highest = Math.max(...whole.curve.map(({ score }) => score))
  const part = (await simulate({ from_ms: ROAR_MS - 30_000, to_ms: ROAR_MS + 30_000 })).body
  expect(part.curve).toHaveLength(60 * MEASURE_HZ)
  expect(Math.max(...part.curve.map(({ score }) => score))).toBe(highest)
  expect(part.strips.map(({ from_ms }) => from_ms)).toEqual([ROAR_MS - 30_000, ROAR_MS])
  expect(part.strips[0]?.url).toBe('http://media.test:8081/play/play_a/strip/59.jpg')
  expect(part.picks).toEqual(whole.picks)
})

test('somebody else’s show is not there', async () => {
  expect((await simulate({}, 'bob')).status).toBe(404)
})
