import { afterAll, beforeAll, expect, test } from 'vitest'
import { rfc3339 } from '#shared/domain/clock.ts'
import { json, namedQuery, type Statement, tables } from '#shared/ports/database/named-query.ts'
import type { Database } from '#shared/ports/database/database.ts'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { insertOtherClips } from '#test/helpers/insert-other-clips.ts'
import { rowsRead } from '#test/helpers/rows-read.ts'
import { type StoredShow, storedShow } from '#test/helpers/stored-show.ts'

const SEGMENT_MS = 2_000
const BASE = 100

const addSegments = namedQuery(
  'growth-test.add-segments',
  ['strm_sample', 0, 1, 0],
  (streamId: string, fromSeq: number, count: number, zeroMs: number) =>
    tables.insertInto('segments').values(
      Array.from({ length: count }, (_, index) => ({
        stream_id: streamId,
        seq: fromSeq + index,
        epoch: 1,
        pdt: rfc3339(zeroMs + (fromSeq + index) * SEGMENT_MS),
        duration_ms: SEGMENT_MS,
        renditions: json([]),
        expires_at: null,
      })),
    ),
)
let clips: ClipsService
let show: StoredShow
beforeAll(async () => {
  clips = await clipsService()
  const media = await markedMedia({ fps: 30, seconds: 8, width: 320, height: 180 })
  const creatorId = clips.service.idOf('alice')
  show = await storedShow({ database: clips.deps.database, store: clips.store, media, creatorId })
}, 120_000)
afterAll(() => clips[Symbol.asyncDispose]())

/** Rows that the database fetched to make one clip, by its own account of each statement. */
async function rowsOfOneClip(): Promise<number> {
  const { database } = clips.deps
  const asked: Statement<unknown>[] = []
  const kept = { ...database }
  const noted = <Reader extends Pick<Database, 'read'>>(reader: Reader): Reader => ({
    ...reader,
    read: async statement => {
      asked.push(statement)
      return reader.read(statement)
    },
  })
  database.read = noted({ read: statement => kept.read(statement) }).read
  database.transaction = work => kept.transaction(tx => work(noted(tx)))
  const body = { stream_id: show.streamId, start_ms: 1_000, end_ms: 3_000 }
  const response = await clips.service.asUser(clips.app, 'vera', ['viewer'])('/v1/clips', { body })
  Object.assign(database, kept)
  expect(response.status).toBe(201)
  expect(asked.length).toBeGreaterThan(5)
  let rows = 0
  for (const statement of asked) rows += await rowsRead(clips.engine, statement)
  return rows
}

test('making a clip reads as much of a long show with many clips as of a short one', async () => {
  const counts: number[] = []
  let there = 0
  for (const size of [BASE, 4 * BASE, 16 * BASE]) {
    const from = there + 4
    const zero = show.startedAtMs
    await clips.deps.database.transaction(async tx => {
      await tx.write(addSegments(show.streamId, from, size - there, zero))
      await tx.write(insertOtherClips(show.creatorId, show.streamId, there, size - there))
    })
    there = size
    counts.push(await rowsOfOneClip())
  }
  const [first = 0] = counts
  expect(first).toBeGreaterThan(5)
  // One clip more of the same person each time, nothing else.
  for (const count of counts) expect(count - first).toBeLessThanOrEqual(5)
})
