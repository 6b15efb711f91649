import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import type { Page } from '#shared/service/page-cursor.ts'
import { feedService, type FeedService } from '#test/helpers/feed-service.ts'
import { endShow, putClips, putCreator, putShow, rerankClip } from '#test/helpers/published-clips.ts'
import { rowsRead } from '#test/helpers/rows-read.ts'
import type { FeedItem } from './feed-answer.ts'
import { clipsByRank } from './feed-queries.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 })
const RUNS = 25
const START = Date.parse('2026-11-20T00:00:00.000Z')

let feed: FeedService
beforeAll(async () => {
  feed = await feedService()
  for (const name of ['a', 'b', 'c']) await putCreator(feed.database, `crtr_${name}`, name)
})
afterAll(() => feed[Symbol.asyncDispose]())
beforeEach(empty)

async function empty(): Promise<void> {
  for (const table of ['clips', 'streams', 'share_counts']) {
    await feed.database.execute(plainSql('test.empty', `DELETE FROM ${table}`))
  }
  await putShow(feed.database, {
    id: 'strm_a',
    creator: 'crtr_a',
    startedAt: new Date(START).toISOString(),
    ended: true,
  })
}

async function pageOf(limit: number, cursor: string | null): Promise<Page<FeedItem>> {
  const { status, body } = await feed.ask<Page<FeedItem>>(
    `/v1/feed?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`,
  )
  expect(status).toBe(200)
  return body
}

const show = (id: string, at: number) =>
  putShow(feed.database, { id, creator: 'crtr_b', startedAt: new Date(START + at).toISOString() })

describe('a page of the feed', () => {
  test('begins with shows on the air, says why each item stands there and where it plays', async () => {
    await putClips(feed.database, [
      { id: 'clip_1', rank: START + 1, title: 'Clip one', tags: ['cup'] },
      { id: 'clip_2', rank: START + 2 },
    ])
    await show('strm_live', 5)
    const { data, has_more } = await pageOf(10, null)
    expect(data.map(({ id }) => id)).toEqual(['strm_live', 'clip_2', 'clip_1'])
    expect(data[0]).toMatchObject({
      kind: 'stream',
      playback: { id: 'play_strm_live', hls_url: 'http://media.test:8081/live/play_strm_live/master.m3u8' },
    })
    expect(data[2]).toMatchObject({
      kind: 'clip',
      title: 'Clip one',
      tags: ['cup'],
      creator: { id: 'crtr_a', handle: 'a' },
      playback: { mp4_url: 'http://media.test:8081/play/play_clip_1/clip.mp4' },
      duration_ms: 10_000,
      shares: 0,
      why: { rank: START + 1, bonus_ms: 0, reasons: [] },
    })
    expect(has_more).toBe(false)
  })

  test('names a vertical video and a picture only when they are stored', async () => {
    await putClips(feed.database, [{ id: 'clip_1', rank: START }])
    await feed.database.execute(
      plainSql(
        'test.rendition',
        `INSERT INTO clip_renditions (clip_id, rendition, uri, content_type, bytes, sha256)
         VALUES ('clip_1', 'vertical', 'x', 'video/mp4', 1, 'x'), ('clip_1', 'poster', 'x', 'image/jpeg', 1, 'x')`,
      ),
    )
    const { data } = await pageOf(10, null)
    expect(data[0]?.playback).toMatchObject({
      vertical_url: 'http://media.test:8081/play/play_clip_1/vertical.mp4',
      poster_url: 'http://media.test:8081/play/play_clip_1/poster.jpg',
    })
  })

  test('with a cursor that is not ours answers 400', async () => {
    expect((await feed.ask('/v1/feed?cursor=forged.aaaa')).status).toBe(400)
    expect((await feed.ask('/v1/feed?limit=0')).status).toBe(422)
  })
})

type Change = { kind: 'publish' | 'unpublish' | 'again' | 'begin' | 'end'; pick: number; at: number }
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('publish', 'unpublish', 'again', 'begin', 'end'),
  pick: fc.nat(30),
  at: fc.nat(2_000),
})

/** What happens to the feed while somebody reads it; ids of what was touched are noted. */
async function happen({ kind, pick, at }: Change, index: number, touched: Set<string>): Promise<void> {
  const clipId = `clip_${pick}`
  const showId = `strm_${pick}`
  if (kind === 'publish') await putClips(feed.database, [{ id: `clip_new_${index}`, rank: START + at }])
  if (kind === 'begin') await show(`strm_new_${index}`, at)
  if (kind === 'unpublish' || kind === 'again') {
    touched.add(clipId)
    await rerankClip(feed.database, clipId, null)
  }
  // A rank is an instant and only grows: what is published again stands higher than before.
  if (kind === 'again') await rerankClip(feed.database, clipId, START + 3_000 + index)
  if (kind === 'end') {
    touched.add(showId)
    await endShow(feed.database, showId)
  }
}

describe('the pages of the feed', () => {
  test('never repeat an item and never skip what was there at the first page, whatever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1_000), { maxLength: 30 }),
        fc.array(fc.nat(1_000), { maxLength: 8 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }),
        async (ranks, starts, limit, changes) => {
          await empty()
          await putClips(
            feed.database,
            ranks.map((rank, index) => ({
              id: `clip_${index}`,
              rank: START + rank,
              creator: `crtr_${'abc'[index % 3]}`,
            })),
          )
          for (const [index, at] of starts.entries()) await show(`strm_${index}`, at)
          const touched = new Set<string>()
          const seen: string[] = []
          let cursor: string | null = null
          for (let round = 0; ; round += 1) {
            const page: Page<FeedItem> = await pageOf(limit, cursor)
            seen.push(...page.data.map(({ id }) => id))
            cursor = page.next_cursor
            expect(page.has_more).toBe(cursor !== null)
            if (cursor === null) break
            for (const [index, one] of (changes[round] ?? []).entries()) await happen(one, round * 10 + index, touched)
          }
          expect(new Set(seen).size).toBe(seen.length)
          const before = [...ranks.map((_, index) => `clip_${index}`), ...starts.map((_, index) => `strm_${index}`)]
          expect(before.filter(id => !touched.has(id) && !seen.includes(id))).toEqual([])
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('read no more rows the more clips there are, at the beginning and deep inside', async () => {
    const read: { begin: number; deep: number }[] = []
    let have = 0
    for (const count of [250, 1_000, 4_000]) {
      const clips = Array.from({ length: count - have }, (_, index) => ({
        id: `clip_${have + index}`,
        rank: START + have + index,
      }))
      await putClips(feed.database, clips)
      have = count
      await feed.database.execute(plainSql('test.analyze', 'ANALYZE clips'))
      read.push({
        begin: await rowsRead(feed.database, clipsByRank({ feed_rank: START * 2, clip_id: '' }, 21)),
        deep: await rowsRead(feed.database, clipsByRank({ feed_rank: START + count / 2, clip_id: 'clip_' }, 21)),
      })
    }
    console.info(`rows read a page of 20 at N, 4N, 16N: ${JSON.stringify(read)}`)
    for (const { begin, deep } of read) expect(Math.max(begin, deep)).toBeLessThanOrEqual(16 * 23)
  })
})
