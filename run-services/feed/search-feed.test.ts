import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import type { Page } from '#shared/service/page-cursor.ts'
import { feedService, type FeedService } from '#test/helpers/feed-service.ts'
import { putClips, putCreator, putShow, rerankClip } from '#test/helpers/published-clips.ts'
import { rowsRead } from '#test/helpers/rows-read.ts'
import type { FeedItem } from './feed-answer.ts'
import { FIRST_TERM } from './feed-places.ts'
import { clipsByTerm } from './search-queries.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 })
const START = Date.parse('2026-11-20T00:00:00.000Z')
const AT = new Date(START).toISOString()

let feed: FeedService
let events = 0
beforeAll(async () => {
  feed = await feedService()
  await putCreator(feed.database, 'crtr_a', 'nattaya')
  await putCreator(feed.database, 'crtr_b', 'goal_keeper')
  await putShow(feed.database, {
    id: 'strm_a',
    creator: 'crtr_a',
    startedAt: AT,
    title: 'Street food night',
    ended: true,
  })
  await putShow(feed.database, { id: 'strm_b', creator: 'crtr_b', startedAt: AT, title: 'Cup final', ended: true })
  await putShow(feed.database, { id: 'strm_live', creator: 'crtr_a', startedAt: AT, title: 'Goal of the month, live' })
  await putClips(feed.database, [
    { id: 'clip_thai', rank: START + 1, title: 'ก๋วยเตี๋ยวเรืออร่อยมาก', tags: ['อาหาร'] },
    { id: 'clip_title', rank: START + 2, title: 'What a goal!', creator: 'crtr_b', stream: 'strm_b' },
    { id: 'clip_tag', rank: START + 3, title: 'Unbelievable', tags: ['goal'], creator: 'crtr_b', stream: 'strm_b' },
    { id: 'clip_creator', rank: START + 4, title: 'Half time', creator: 'crtr_b', stream: 'strm_b' },
    { id: 'clip_han', rank: START + 5, title: '我喜欢吃面条', tags: ['noodles', 'Street-Food'] },
    { id: 'clip_show', rank: START + 6, title: 'Crème brûlée' },
    { id: 'clip_html', rank: START + 7, title: '<img src=x onerror=alert(1)>' },
  ])
  for (const id of ['thai', 'title', 'tag', 'creator', 'han', 'show', 'html']) await tell('published', `clip_${id}`)
})
afterAll(() => feed[Symbol.asyncDispose]())

async function tell(what: 'published' | 'updated' | 'unpublished' | 'deleted', id: string): Promise<void> {
  expect(await feed.tell(`clip.${what}`, id, `evt_${(events += 1)}`)).toBe(204)
}

async function find(q: string, more = ''): Promise<string[]> {
  const { status, body } = await feed.ask<Page<FeedItem>>(`/v1/search?q=${encodeURIComponent(q)}${more}`)
  expect(status).toBe(200)
  return body.data.map(({ id }) => id)
}

describe('search', () => {
  test.each([
    ['goal', ['strm_live', 'clip_title', 'clip_tag', 'clip_creator']],
    ['GOA', ['strm_live', 'clip_title', 'clip_tag', 'clip_creator']],
    ['goal unbeliev', ['clip_tag']],
    ['goal nothing', []],
    ['creme BRULEE', ['clip_show']],
    ['อร่อย', ['clip_thai']],
    ['ก๋วยเตี๋ยว อาหาร', ['clip_thai']],
    ['面条', ['clip_han']],
    ['street food', ['clip_han', 'clip_html', 'clip_show', 'clip_thai']],
    ['nattaya', ['clip_html', 'clip_show', 'clip_han', 'clip_thai']],
    ['onerror', ['clip_html']],
    ['…', []],
  ])('for %j finds %j: titles over tags, tags over creators, creators over shows', async (q, ids) => {
    expect(await find(q)).toEqual(ids)
  })

  test('looks among clips or shows alone when asked to', async () => {
    expect(await find('goal', '&kind=stream')).toEqual(['strm_live'])
    expect(await find('goal', '&kind=clip')).toEqual(['clip_title', 'clip_tag', 'clip_creator'])
    expect((await feed.ask('/v1/search?q=x&kind=person')).status).toBe(422)
    expect((await feed.ask('/v1/search?q=')).status).toBe(422)
  })

  test('goes on page by page without repeating, and a cursor belongs to its own words', async () => {
    const pages: string[] = []
    let cursor: string | null = null
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`
      const { body } = await feed.ask<Page<FeedItem>>(`/v1/search?q=goal&limit=1${at}`)
      pages.push(...body.data.map(({ id }) => id))
      cursor = body.next_cursor
      if (cursor !== null) expect((await feed.ask(`/v1/search?q=cup&cursor=${cursor}`)).status).toBe(400)
    } while (cursor !== null)
    expect(pages).toEqual(['strm_live', 'clip_title', 'clip_tag', 'clip_creator'])
  })

  test('follows what happens to a clip, whatever the order and number of its events', async () => {
    await putClips(feed.database, [{ id: 'clip_moved', rank: START + 9, title: 'Zebra crossing' }])
    await tell('published', 'clip_moved')
    await feed.database.execute(plainSql('test.rename', `UPDATE clips SET title = 'Lion' WHERE clip_id = 'clip_moved'`))
    expect(await feed.tell('clip.updated', 'clip_moved', 'evt_same')).toBe(204)
    expect([await find('zebra'), await find('lion')]).toEqual([[], ['clip_moved']])
    await rerankClip(feed.database, 'clip_moved', null)
    expect(await find('lion')).toEqual([])
    await tell('unpublished', 'clip_moved')
    await tell('published', 'clip_moved')
    expect(await feed.tell('clip.updated', 'clip_moved', 'evt_same')).toBe(204)
    const { rows } = await feed.database.execute(
      plainSql('test.terms', `SELECT term FROM search_terms WHERE clip_id = 'clip_moved'`),
    )
    expect(rows).toEqual([])
  })

  test('reads no more rows for a word the more clips have it', async () => {
    const read: number[] = []
    let have = 0
    for (const count of [500, 2_000, 8_000]) {
      await feed.database.execute(
        plainSql(
          'test.terms',
          `INSERT INTO search_terms (term, shard, clip_id, rank)
           SELECT 'common', n % 16, 'clip_' || n, n FROM generate_series($1::bigint, $2::bigint) n`,
          [have + 1, count],
        ),
      )
      have = count
      await feed.database.execute(plainSql('test.analyze', 'ANALYZE search_terms'))
      const places = [FIRST_TERM, { rank: count / 2, clip_id: 'clip_' }]
      for (const place of places) read.push(await rowsRead(feed.database, clipsByTerm('common', place, 60)))
    }
    console.info(`rows read along a word at N, 4N, 16N, from its beginning and its middle: ${read.join(' ')}`)
    for (const rows of read) expect(rows).toBeLessThanOrEqual(16 * 64)
  })
})

describe('related clips', () => {
  const related = async (query: string) => {
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`
      const { status, body } = await feed.ask<Page<FeedItem>>(`/v1/feed/related?limit=2&${query}${at}`)
      expect(status).toBe(200)
      ids.push(...body.data.map(({ id }) => id))
      cursor = body.next_cursor
    } while (cursor !== null)
    return ids
  }

  test('begin with those of the same show, then of the same tags and creator, then the rest, each once', async () => {
    await putShow(feed.database, { id: 'strm_c', creator: 'crtr_a', startedAt: AT, title: 'Another', ended: true })
    await putClips(feed.database, [
      { id: 'clip_kin', rank: START + 20, stream: 'strm_c', tags: ['#noodles'], creator: 'crtr_b' },
      { id: 'clip_own', rank: START + 21, stream: 'strm_c', creator: 'crtr_a' },
    ])
    await tell('published', 'clip_kin')
    expect(await related('clip=clip_han')).toEqual([
      'clip_html',
      'clip_show',
      'clip_thai',
      'clip_kin',
      'clip_own',
      'clip_creator',
      'clip_tag',
      'clip_title',
    ])
    expect((await related('stream=strm_b')).slice(0, 3)).toEqual(['clip_creator', 'clip_tag', 'clip_title'])
  })

  test('of nothing, of two things or of what is not public are refused', async () => {
    await putClips(feed.database, [{ id: 'clip_hidden', rank: START + 30 }])
    await rerankClip(feed.database, 'clip_hidden', null)
    const statuses = []
    for (const query of ['', 'clip=clip_han&stream=strm_a', 'clip=clip_none', 'clip=clip_hidden', 'stream=strm_none']) {
      statuses.push((await feed.ask(`/v1/feed/related?${query}`)).status)
    }
    expect(statuses).toEqual([422, 422, 404, 404, 404])
  })
})
