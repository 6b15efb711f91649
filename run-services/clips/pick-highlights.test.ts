import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { type MarkedMedia, markedMedia } from '#test/helpers/marked-media.ts'
import { type StoredShow, storedShow } from '#test/helpers/stored-show.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import type { ClipAnswer, ClipExplanation } from './clip-answer.ts'
import { listClipRows } from './clip-queries.ts'
import { picksDraft } from './highlight-drafts.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { MEASURE_HZ, measurePayload } from './measure-job.ts'
import { pickHighlights } from './pick-highlights.ts'
import type { ClipRules } from './rules-answer.ts'
import { insertSignals } from './signals-queries.ts'
import { measureStream } from './worker/measure-stream.ts'

// Every one cuts real media.
vi.setConfig({ testTimeout: 60_000 })

const SECONDS = 8
const END_OF_TIME = '9999-12-31T23:59:59.999Z'
/** Short enough for two picks in eight seconds. */
const SHORT: ClipRules = { ...DEFAULT_RULES, before_ms: 1_000, after_ms: 1_000 }

const insertMarker = namedQuery('pick-test.marker', ['strm_sample', 0], (streamId: string, atMs: number) =>
  tables.insertInto('markers').values({
    stream_id: streamId,
    at_ms: atMs,
    marker_id: `mark_${atMs}`,
    kind: 'highlight',
    payload: json({ note: 'The drop' }),
  }),
)

let clips: ClipsService
let media: MarkedMedia
let names = 0

beforeAll(async () => {
  clips = await clipsService()
  media = await markedMedia({ fps: 30, seconds: SECONDS, width: 320, height: 180 })
}, 120_000)
afterAll(() => clips[Symbol.asyncDispose]())

/** A show of its own creator that is over, with markers; measured and even unless told otherwise. */
async function aShow(options: {
  markersMs: readonly number[]
  rules?: ClipRules
  measured?: boolean
}): Promise<StoredShow> {
  const name = 'abcdefghijklmnopqrst'[(names += 1)] ?? 'z'
  const { database } = clips.deps
  const show = await storedShow({ database, store: clips.store, media, creatorId: clips.service.idOf(name), name })
  await database.transaction(async tx => {
    for (const atMs of options.markersMs) await tx.write(insertMarker(show.streamId, atMs))
    if (options.measured !== false) await tx.write(insertSignals(evenSignals(show.streamId)))
  })
  if (options.rules !== undefined) await putRules(show, options.rules)
  return show
}

function evenSignals(streamId: string) {
  const loudness = Array.from({ length: SECONDS * MEASURE_HZ }, () => -24)
  const signals = json({ loudness_lufs: loudness, motion: loudness.map(() => 0) })
  return { stream_id: streamId, from_seq: 0, to_seq: 3, from_ms: 0, to_ms: SECONDS * 1000, signals, strip: null }
}

async function putRules(show: StoredShow, rules: ClipRules): Promise<void> {
  const name = show.streamId.slice(-1)
  const answer = await clips.service.asUser(clips.app, name)('/v1/clip-rules', { method: 'PUT', body: rules })
  expect(answer.status).toBe(200)
}

/** Runs a new pick job of the show to its end, with the jobs that it asks for. */
async function pick({ streamId, creatorId }: StoredShow, why: string, atMs = 0): Promise<void> {
  const draft = picksDraft({ streamId, creatorId }, why, { at_ms: atMs, marked: false, round: 0 })
  const { jobId } = await clips.deps.database.transaction(tx => clips.deps.jobs.add(tx, draft))
  await run(jobId)
}

async function run(jobId: string): Promise<void> {
  const before = clips.wakes.length
  const { status } = await clips.service.asService(
    clips.app,
    'clips',
    'queue',
  )('/tasks/pick-highlights', {
    body: { job_id: jobId },
  })
  expect(status).toBe(204)
  expect(await clips.deps.jobs.get(jobId)).toMatchObject({ state: 'done' })
  for (const wake of clips.wakes.slice(before)) if (wake.queue === 'pick-highlights') await run(wake.jobId)
}

async function clipsOf({ streamId }: StoredShow) {
  const rows = await clips.deps.database.read(listClipRows({ stream: streamId }, END_OF_TIME, '~', 50))
  return rows.toSorted((a, b) => a.start_ms - b.start_ms)
}

describe('picks become clips', () => {
  test('each range once, however often and from however many places it is asked for', async () => {
    const show = await aShow({ markersMs: [1_500], rules: SHORT })
    await Promise.all([pick(show, 'one'), pick(show, 'two')])
    await pick(show, 'three')
    const made = await clipsOf(show)
    expect(made).toHaveLength(1)
    expect(made[0]).toMatchObject({
      origin: 'highlight',
      state: 'playable',
      title: 'The drop',
      start_ms: 500,
      end_ms: 2_500,
      score: 4,
      needs_review: true,
      requested_by: null,
    })
  })

  test('and says why it exists and which rules picked it', async () => {
    const show = await aShow({ markersMs: [4_000], rules: SHORT })
    await pick(show, 'one')
    const [clip] = await clipsOf(show)
    const owner = clips.service.asUser(clips.app, show.streamId.slice(-1))
    const answer = await owner(`/v1/clips/${clip?.clip_id}/explain`)
    expect((await answer.json()) as ClipExplanation).toEqual({
      clip_id: clip?.clip_id,
      score: 4,
      reasons: [{ signal: 'marker', value: 1, added: 4, at_ms: 4_000, note: 'The drop' }],
      rules_version: 1,
      feed: null,
    })
    expect((await clips.service.asNobody(clips.app)(`/v1/clips/${clip?.clip_id}/explain`)).status).toBe(404)
  })

  test('new rules do not clip a range again that earlier ones clipped, and may clip another', async () => {
    const show = await aShow({ markersMs: [1_000], rules: SHORT })
    await pick(show, 'one')
    await putRules(show, { ...SHORT, after_ms: 1_500, before_ms: 1_200 })
    await pick(show, 'two')
    expect(await clipsOf(show)).toHaveLength(1)
    await clips.deps.database.transaction(tx => tx.write(insertMarker(show.streamId, 7_500)))
    await putRules(show, { ...SHORT, before_ms: 1_001, after_ms: 1_001, threshold: 2 })
    await pick(show, 'three')
    const made = await clipsOf(show)
    expect(made.map(({ start_ms }) => start_ms)).toEqual([0, 6_499])
  })

  test('an hour gives at most as many as the rules say, counted over their versions', async () => {
    const show = await aShow({ markersMs: [1_000], rules: { ...SHORT, picks_per_hour_max: 1 } })
    await pick(show, 'one')
    await clips.deps.database.transaction(tx => tx.write(insertMarker(show.streamId, 7_500)))
    await putRules(show, {
      ...SHORT,
      picks_per_hour_max: 1,
      threshold: 3.5,
      weights: { ...SHORT.weights, marker: 3.6 },
    })
    await pick(show, 'two')
    expect(await clipsOf(show)).toHaveLength(1)
  })

  test('rules that are off make none; without review they are public when they are rendered', async () => {
    const off = await aShow({ markersMs: [4_000], rules: { ...SHORT, enabled: false } })
    await pick(off, 'one')
    expect(await clipsOf(off)).toEqual([])
    await putRules(off, { ...SHORT, publish_picks: true })
    await pick(off, 'two')
    expect(await clipsOf(off)).toMatchObject([{ needs_review: false, publish_when_ready: true }])
  })

  test('a range of which nothing is left is given up, and the others are made', async () => {
    const show = await aShow({ markersMs: [1_000, 7_500], rules: SHORT })
    const keys = [0, 1].flatMap(seq => [
      `play/${show.showId}/v1/180p/${seq}.m4s`,
      `play/${show.showId}/v1/audio/${seq}.m4s`,
    ])
    await clips.store.delete(keys)
    await pick(show, 'one')
    expect((await clipsOf(show)).map(({ state }) => state)).toEqual(['failed', 'playable'])
    await pick(show, 'two')
    expect(await clipsOf(show)).toHaveLength(2)
  })
})

test('a run that died after it took a range is finished by the next, which makes no second clip', async () => {
  const show = await aShow({ markersMs: [4_000], rules: SHORT })
  const job = { subjectId: show.streamId, jobId: 'a', input: { at_ms: 0, marked: false, round: 0 } }
  const context = { log: clips.deps.log, signal: AbortSignal.timeout(10_000) }
  const died = () => Promise.reject(new Error('The process died.'))
  const beforeTheRow = { ...clips.deps.cutting, slots: died }
  await expect(pickHighlights(clips.deps, beforeTheRow, job, context)).rejects.toThrow('died')
  expect(await clipsOf(show)).toEqual([])
  const afterTheRow = { ...clips.deps, store: { ...clips.store, put: died } }
  await expect(pickHighlights(afterTheRow, clips.deps.cutting, job, context)).rejects.toThrow('died')
  expect(await clipsOf(show)).toMatchObject([{ state: 'requested' }])
  await pick(show, 'next')
  await pick(show, 'after')
  expect(await clipsOf(show)).toMatchObject([{ state: 'playable', start_ms: 3_000 }])
})

test('a marked place whose measuring never comes is picked all the same, a while later', async () => {
  const show = await aShow({ markersMs: [4_000], rules: SHORT, measured: false })
  const nowMs = clips.clock.nowMs
  clips.clock.nowMs = show.startedAtMs + 9_000
  const input = { at_ms: 4_000, marked: true, round: 0 }
  const draft = picksDraft(show, 'evt_marker', input)
  const { jobId } = await clips.deps.database.transaction(tx => clips.deps.jobs.add(tx, draft))
  const before = clips.wakes.length
  const task = clips.service.asService(clips.app, 'clips', 'queue')
  let next: string | undefined = jobId
  let runs = 0
  while (next !== undefined) {
    expect(await clipsOf(show)).toEqual([])
    expect((await task('/tasks/pick-highlights', { body: { job_id: next } })).status).toBe(204)
    expect(await clips.deps.jobs.get(next)).toMatchObject({ state: 'done' })
    const asked: (typeof clips.wakes)[number] | undefined = clips.wakes
      .slice(before + runs)
      .find(({ queue }) => queue === 'pick-highlights')
    next = asked?.jobId
    runs += 1
    if (asked?.notBefore !== undefined) clips.clock.nowMs = Date.parse(asked.notBefore)
  }
  expect(runs).toBeGreaterThan(4)
  expect(await clipsOf(show)).toMatchObject([{ state: 'playable', start_ms: 3_000 }])
  clips.clock.nowMs = nowMs
})

test('a stretch is handed to a worker, and what it measured becomes clips', async () => {
  const show = await aShow({ markersMs: [4_000], rules: SHORT, measured: false })
  const worker = clips.service.asService(clips.app, 'clips', 'worker')
  const { streamId, creatorId, showId } = show
  const facts = { stream_id: streamId, creator_id: creatorId, channel_id: 'chan_a', playback_id: showId, epoch: 1 }
  const event = {
    specversion: '1.0' as const,
    id: 'evt_ended',
    source: 'channels',
    type: 'stream.ended' as const,
    subject: streamId,
    time: '2026-11-21T18:00:09.000Z',
    dataschema: 'https://showreel.dev/schemas/events/stream.ended',
    sequence: 9,
    partitionkey: streamId,
    class: 'real' as const,
    data: { ...facts, ended_at: '2026-11-21T18:00:08.000Z', duration_ms: 8_000, reason: 'done' },
  }
  const before = clips.wakes.length
  expect(await clips.push('clips--streams', event)).toBe(204)
  expect(await clips.push('clips--streams', event)).toBe(204)
  const asked = clips.wakes.slice(before)
  expect(asked).toMatchObject([{ queue: 'measure-stream' }])
  const path = `/internal/clips/jobs/${asked[0]?.jobId}`
  const lease = (await (await worker(`${path}/lease`, { body: { owner: 'test' } })).json()) as {
    token: number
    payload: unknown
  }
  const objects = await serveHttp({
    fetch: signedObjectHandler(clips.store, clips.signing),
    port: 0,
    log: clips.deps.log,
    name: 'objects',
  })
  const reachable = JSON.stringify(lease.payload).replaceAll('http://objects.test', new URL(objects.url).origin)
  const payload = measurePayload.parse(JSON.parse(reachable))
  expect(payload).toMatchObject({ from_ms: 0, to_ms: 8_000 })
  expect(payload.video.segments).toHaveLength(4)
  expect(payload.audio?.segments).toHaveLength(4)
  expect(payload.video.init.url).toContain('/v1/180p/init-1.mp4')
  expect(payload.strip.key).toBe(`play/${showId}/strip/0-3.jpg`)

  const result = await measureStream(
    { id: 'job', kind: 'measure-stream', subjectId: streamId, attempt: 1, input: {}, payload, checkpoint: undefined },
    { save: () => Promise.resolve(), signal: AbortSignal.timeout(60_000), log: clips.deps.log },
  )
  await objects.close()
  const finished = await worker(`${path}/finish`, { body: { token: lease.token, result } })
  expect(finished.status).toBe(204)
  const picking = clips.wakes.slice(before).find(({ queue }) => queue === 'pick-highlights')
  await run(picking?.jobId ?? '')
  const [clip] = await clipsOf(show)
  // The ends may have moved to a quiet place between two beeps, by half of what was asked for before and after.
  expect(Math.abs((clip?.start_ms ?? 0) - 3_000)).toBeLessThanOrEqual(500)
  expect(Math.abs((clip?.end_ms ?? 0) - 5_000)).toBeLessThanOrEqual(500)

  const owner = clips.service.asUser(clips.app, streamId.slice(-1))
  const simulated = await owner('/v1/clip-rules:simulate', { body: { stream_id: streamId } })
  expect(simulated.status).toBe(200)
  const body = (await simulated.json()) as { picks: unknown[]; curve: unknown[]; strips: { url: string }[] }
  expect(body.picks).toHaveLength(1)
  expect(body.curve).toHaveLength(SECONDS * MEASURE_HZ + 1)
  expect(body.strips).toMatchObject([{ url: `http://media.test:8081/play/${showId}/strip/0-3.jpg`, from_ms: 0 }])
  const strip = await clips.store.head(payload.strip.key)
  expect(strip?.contentType).toBe('image/jpeg')
  const page = (await (await owner(`/v1/clips?stream=${streamId}&creator=${creatorId}`)).json()) as {
    data: ClipAnswer[]
  }
  expect(page.data[0]?.reasons[0]?.signal).toBe('marker')
})
