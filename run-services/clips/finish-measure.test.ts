import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { finishMeasure } from './finish-measure.ts'
import { measureDraft } from './highlight-drafts.ts'
import type { MeasureResult } from './measure-job.ts'
import { listSignals } from './signals-queries.ts'

const SEGMENT_MS = 2_000

const insertStream = namedQuery('measure-test.stream', ['strm_sample'], (streamId: string) =>
  tables.insertInto('streams').values({
    stream_id: streamId,
    creator_id: 'crtr_a',
    channel_id: 'chan_a',
    provider_stream_id: streamId.replace('strm', 'play'),
    title: 'A show',
    state: 'live',
    started_at: '2026-11-21T18:00:00.000Z',
  }),
)

let clips: ClipsService
let shows = 0

beforeAll(async () => {
  clips = await clipsService()
})
afterAll(() => clips[Symbol.asyncDispose]())

async function aShow() {
  const streamId = `strm_${'abcdef'[(shows += 1)]?.repeat(26)}`
  await clips.deps.database.transaction(tx => tx.write(insertStream(streamId)))
  /** Ends a measurement of those segments, and gives how many jobs it asked for. */
  const measured = async (fromSeq: number, toSeq: number, changes: Partial<MeasureResult> = {}) => {
    const result: MeasureResult = {
      from_ms: fromSeq * SEGMENT_MS,
      to_ms: (toSeq + 1) * SEGMENT_MS,
      loudness_lufs: [-24],
      motion: [0],
      strip: null,
      ...changes,
    }
    const { jobId } = await clips.deps.database.transaction(tx =>
      clips.deps.jobs.add(tx, measureDraft({ streamId, creatorId: 'crtr_a' }, { fromSeq, toSeq })),
    )
    const job = await clips.deps.jobs.get(jobId)
    if (job === undefined) throw new Error('There is no job.')
    const asked = await clips.deps.database.transaction(tx => finishMeasure(tx, clips.deps, job, result))
    return asked?.length ?? 0
  }
  const stretches = async () =>
    (await clips.deps.database.read(listSignals(streamId, -1, 100))).map(row => [row.from_seq, row.to_seq])
  return { streamId, measured, stretches }
}

test('each stretch is kept once and asks for picks', async () => {
  const show = await aShow()
  expect(await show.measured(0, 14)).toBe(1)
  expect(await show.measured(15, 29)).toBe(1)
  expect(await show.stretches()).toEqual([
    [0, 14],
    [15, 29],
  ])
})

test('a stretch that grew replaces its parts, and none of its parts replaces it, in whichever order they end', async () => {
  const show = await aShow()
  await show.measured(0, 4)
  await show.measured(6, 14)
  expect(await show.measured(0, 14)).toBe(1)
  expect(await show.stretches()).toEqual([[0, 14]])
  expect(await show.measured(0, 5)).toBe(0)
  expect(await show.stretches()).toEqual([[0, 14]])
})

test('small pictures that lie somewhere else are not shown', async () => {
  const show = await aShow()
  const strip = {
    key: 'play/play_other/strip/0-14.jpg',
    bytes: 1,
    sha256: 'a'.repeat(64),
    every_ms: 2_000,
    columns: 5,
    frames: 15,
    width: 160,
    height: 90,
  }
  await show.measured(0, 14, { strip })
  await show.measured(15, 29, {
    strip: { ...strip, key: `play/${show.streamId.replace('strm', 'play')}/strip/15-29.jpg` },
  })
  const rows = await clips.deps.database.read(listSignals(show.streamId, -1, 100))
  expect(rows.map(row => row.strip === null)).toEqual([true, false])
})

test('a result that no stretch can have is refused, and nothing is kept of it', async () => {
  const show = await aShow()
  await expect(show.measured(0, 14, { motion: [2] })).rejects.toThrow()
  await expect(show.measured(0, 14, { motion: Array.from({ length: 10_000 }, () => 0) })).rejects.toThrow()
  expect(await show.stretches()).toEqual([])
})
