import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import type { Page } from '#shared/service/page-cursor.ts'
import { feedService, type FeedService } from '#test/helpers/feed-service.ts'
import { putClips, putCreator, putShow, rerankClip } from '#test/helpers/published-clips.ts'
import type { FeedItem, ShareAnswer } from './feed-answer.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 })
const START = Date.parse('2026-11-20T00:00:00.000Z')
const DAY_MS = 86_400_000

let feed: FeedService
beforeAll(async () => {
  feed = await feedService()
  await putCreator(feed.database, 'crtr_a', 'alice')
  await putShow(feed.database, { id: 'strm_a', creator: 'crtr_a', startedAt: new Date(START).toISOString() })
  await putClips(feed.database, [
    { id: 'clip_1', rank: START + 1 },
    { id: 'clip_gone', rank: START + 2 },
  ])
})
afterAll(() => feed[Symbol.asyncDispose]())

const share = (as: string, body: unknown) => feed.ask<ShareAnswer>('/v1/shares', { as, body })
const visit = (as: string, id: string) => feed.ask<ShareAnswer>(`/v1/shares/${id}/visits`, { as, method: 'POST' })

describe('a link', () => {
  test('leads to a clip or to a place in a show, and tells of itself once', async () => {
    const { status, body } = await share('ann', { clip_id: 'clip_1', at_ms: 1_500 })
    expect([status, body]).toEqual([
      201,
      {
        id: body.id,
        url: `https://reel.test/s/${body.id}`,
        clip_id: 'clip_1',
        stream_id: 'strm_a',
        at_ms: 1_500,
        visits: 0,
      },
    ])
    expect((await share('ann', { clip_id: 'clip_1', at_ms: 1_500 })).body.id).toBe(body.id)
    const stream = await share('ann', { stream_id: 'strm_a' })
    expect(stream.body).toMatchObject({ clip_id: null, stream_id: 'strm_a', at_ms: null })
    const { rows } = await feed.database.execute<{ payload: DomainEvent }>(
      plainSql('test.events', `SELECT payload FROM domain_events WHERE source = 'feed'`),
    )
    expect(rows.map(({ payload }) => [payload.type, payload.subject, payload.data])).toEqual([
      [
        'clip.shared',
        'clip_1',
        { clip_id: 'clip_1', creator_id: 'crtr_a', stream_id: 'strm_a', share_id: body.id, at_ms: 1_500 },
      ],
    ])
  })

  test('counts a person once a day however often they follow it, and the feed counts who shared', async () => {
    const { body } = await share('bob', { clip_id: 'clip_1' })
    for (const who of ['ann', 'ann', 'cid', 'ann']) await visit(who, body.id)
    expect((await feed.ask<ShareAnswer>(`/v1/shares/${body.id}`)).body.visits).toBe(2)
    feed.clock.nowMs += DAY_MS
    expect((await visit('ann', body.id)).body.visits).toBe(3)
    const { data } = (await feed.ask<Page<FeedItem>>('/v1/feed')).body
    expect(data.find(({ id }) => id === 'clip_1')?.shares).toBe(2)
  })

  test('of five presses at once is one', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => share('eve', { clip_id: 'clip_1' })))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    const { rows } = await feed.database.execute<{ shares: number }>(
      plainSql('test.counts', `SELECT sum(shares)::bigint AS shares FROM share_counts WHERE target_id = 'clip_1'`),
    )
    expect(Number(rows[0]?.shares)).toBe(3)
  })

  test('to what is not public is refused, and one made before leads nowhere any more', async () => {
    const { body } = await share('ann', { clip_id: 'clip_gone' })
    await rerankClip(feed.database, 'clip_gone', null)
    const statuses = [
      await share('ann', { clip_id: 'clip_gone' }),
      await share('ann', { clip_id: 'clip_none' }),
      await share('ann', { stream_id: 'strm_none' }),
      await visit('ann', body.id),
      await feed.ask(`/v1/shares/${body.id}`),
      await share('ann', {}),
      await share('ann', { clip_id: 'clip_1', stream_id: 'strm_a' }),
      await share('ann', { clip_id: 'clip_1', at_ms: -1 }),
      await feed.ask('/v1/shares', { body: { clip_id: 'clip_1' } }),
    ].map(({ status }) => status)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 422, 422, 422, 401])
  })
})
