import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { Tables } from '#shared/ports/database/tables.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { base32 } from '#shared/domain/id.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { MEASURE_HZ, MEASURE_SEGMENTS } from './measure-job.ts'
import { pickHighlights } from './pick-highlights.ts'
import { readTape } from './read-tape.ts'
import type { ClipRules } from './rules-answer.ts'
import { insertRules, updateRules } from './rules-queries.ts'
import { insertSignals } from './signals-queries.ts'
import { getSourceStream } from './source-queries.ts'

const HOUR_MS = 3_600_000
const STRETCH_MS = MEASURE_SEGMENTS * 2_000

type Pick = Omit<Tables['clip_picks'], 'dedupe_key'>

const insertShow = namedQuery('once-test.stream', ['strm_a', 't'], (streamId: string, startedAt: string) =>
  tables.insertInto('streams').values({
    stream_id: streamId,
    creator_id: streamId.replace('strm', 'crtr'),
    channel_id: 'chan_a',
    provider_stream_id: streamId.replace('strm', 'play'),
    title: 'A show',
    state: 'ended',
    started_at: startedAt,
    ended_at: startedAt,
  }),
)
const insertCreator = namedQuery('once-test.creator', ['crtr_a'], (creatorId: string) =>
  tables.insertInto('creators').values({ creator_id: creatorId, handle: creatorId.slice(-26), display_name: 'A' }),
)
const insertMarker = namedQuery(
  'once-test.marker',
  ['strm_a', 0, 'mark_a'],
  (streamId: string, atMs: number, id: string) =>
    tables
      .insertInto('markers')
      .values({ stream_id: streamId, at_ms: atMs, marker_id: id, kind: 'highlight', payload: json({}) }),
)
const listPicks = namedQuery('once-test.picks', ['strm_a'], (streamId: string) =>
  tables
    .selectFrom('clip_picks')
    .select(['stream_id', 'start_ms', 'end_ms', 'at_ms', 'rules_version', 'settled'])
    .where('stream_id', '=', streamId)
    .orderBy('start_ms'),
)
const countClips = namedQuery('once-test.clips', ['strm_a'], (streamId: string) =>
  tables
    .selectFrom('clips')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('stream_id', '=', streamId),
)

let clips: ClipsService
let shows = 0

beforeAll(async () => {
  clips = await clipsService()
})
afterAll(() => clips[Symbol.asyncDispose]())

/** A show of which nothing is recorded any more, so that its picks cost nothing to make. */
async function aShow(startedMs: number): Promise<string> {
  shows += 1
  const streamId = `strm_${base32(new Uint8Array(16).fill(shows))}`
  await clips.deps.database.transaction(async tx => {
    await tx.write(insertCreator(streamId.replace('strm', 'crtr')))
    await tx.write(insertShow(streamId, rfc3339(startedMs)))
  })
  return streamId
}

async function run(streamId: string, atMs: number): Promise<void> {
  const job = { subjectId: streamId, jobId: 'job', input: { at_ms: atMs, marked: false, round: 0 } }
  await pickHighlights(clips.deps, clips.deps.cutting, job, {
    log: clips.deps.log,
    signal: AbortSignal.timeout(20_000),
  })
}

type Step = { marker: number } | { rules: Partial<ClipRules> } | { picks: readonly number[] }

async function play(streamId: string, steps: readonly Step[]): Promise<readonly Pick[]> {
  const { database } = clips.deps
  const creatorId = streamId.replace('strm', 'crtr')
  let version = 0
  for (const [index, each] of steps.entries()) {
    if ('picks' in each) await Promise.all(each.picks.map(atMs => run(streamId, atMs)))
    if ('marker' in each) {
      await database.transaction(tx => tx.write(insertMarker(streamId, each.marker, `mark_${index}`)))
    }
    if (!('rules' in each)) continue
    const rules = json({ ...DEFAULT_RULES, ...each.rules })
    const put = version === 0 ? insertRules(creatorId, rules) : updateRules(creatorId, version, rules)
    await database.transaction(tx => tx.write(put))
    version += 1
  }
  return database.read(listPicks(streamId))
}

const place = fc.integer({ min: 0, max: HOUR_MS })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ marker: place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      rules: fc.record({
        before_ms: fc.integer({ min: 1_000, max: 60_000 }),
        after_ms: fc.integer({ min: 1_000, max: 60_000 }),
        picks_per_hour_max: fc.integer({ min: 0, max: 5 }),
      }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ picks: fc.array(place, { minLength: 1, maxLength: 3 }) }) },
)

describe('whatever happens in whichever order', () => {
  test('no instant is picked twice, no hour gives too many, and each pick has one clip', async () => {
    let picked = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16, size: 'max' }), async steps => {
        const streamId = await aShow(clips.clock.nowMs - 3 * HOUR_MS)
        const picks = await play(streamId, steps)
        for (const [index, { start_ms }] of picks.entries()) {
          expect(start_ms).toBeGreaterThanOrEqual(picks[index - 1]?.end_ms ?? 0)
        }
        const allowed = steps.map(each => ('rules' in each ? (each.rules.picks_per_hour_max ?? 0) : 0))
        const most = Math.max(DEFAULT_RULES.picks_per_hour_max, ...allowed)
        const hours = Map.groupBy(picks, ({ at_ms }) => Math.floor(at_ms / HOUR_MS))
        for (const own of hours.values()) expect(own.length).toBeLessThanOrEqual(most)
        const [made] = await clips.deps.database.read(countClips(streamId))
        expect(made?.count).toBe(picks.length)
        expect(picks.every(({ settled }) => settled)).toBe(true)
        picked += picks.length
      }),
      { numRuns: 20 },
    )
    expect(picked).toBeGreaterThan(10)
  }, 120_000)

  test('the same steps make the same picks of another show', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async steps => {
        const own = async () => {
          const streamId = await aShow(clips.clock.nowMs - 3 * HOUR_MS)
          const inOrder = steps.flatMap((each): Step[] =>
            'picks' in each ? each.picks.map(atMs => ({ picks: [atMs] })) : [each],
          )
          return (await play(streamId, inOrder)).map(pick => ({ ...pick, stream_id: '' }))
        }
        expect(await own()).toEqual(await own())
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})

describe('a show is known', () => {
  const stretch = (streamId: string, index: number) => {
    const values = Array.from({ length: (STRETCH_MS / 1000) * MEASURE_HZ }, () => -24)
    return insertSignals({
      stream_id: streamId,
      from_seq: index * MEASURE_SEGMENTS,
      to_seq: (index + 1) * MEASURE_SEGMENTS - 1,
      from_ms: index * STRETCH_MS,
      to_ms: (index + 1) * STRETCH_MS,
      signals: json({ loudness_lufs: values, motion: values.map(() => 0) }),
      strip: null,
    })
  }
  const untilOf = async (streamId: string, nowMs: number) => {
    const [stream] = await clips.deps.database.read(getSourceStream(streamId))
    if (stream === undefined) throw new Error('There is no show.')
    return (await readTape(clips.deps.database, stream, 0, nowMs)).tape.until_ms
  }

  test('up to its first hole, whichever stretch was measured first, and past a hole that is too old', async () => {
    const startedMs = clips.clock.nowMs
    const streamId = await aShow(startedMs)
    const at = (ms: number) => untilOf(streamId, startedMs + ms)
    const measure = (index: number) => clips.deps.database.transaction(tx => tx.write(stretch(streamId, index)))
    expect(await at(STRETCH_MS)).toBe(0)
    await measure(1)
    expect(await at(STRETCH_MS * 2)).toBe(0)
    await measure(0)
    expect(await at(STRETCH_MS * 2)).toBe(STRETCH_MS * 2)
    await measure(3)
    expect(await at(STRETCH_MS * 4)).toBe(STRETCH_MS * 2)
    expect(await at(STRETCH_MS * 3 + 300_000)).toBe(STRETCH_MS * 4)
  })
})
