import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import type { CallOptions } from '#test/helpers/test-service.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId } from '#shared/domain/id.ts'
import type { Role } from '#shared/domain/route-policy.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Page } from '#shared/service/page-cursor.ts'
import { getClip, insertClip, type NewClip } from './clip-queries.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { CLIP_SHARDS } from './make-clip.ts'
import type { QueuedClip } from './review-answer.ts'
import { listReviewsOf } from './review-queries.ts'

const T0 = Date.parse('2026-11-21T18:00:00.000Z')

const insertCreator = namedQuery(
  'review-test.creator',
  ['crtr_sample', 'sample'],
  (creatorId: string, handle: string) =>
    tables
      .insertInto('creators')
      .values({ creator_id: creatorId, handle, display_name: handle })
      .onConflict(conflict => conflict.column('creator_id').doNothing()),
)

let clips: ClipsService
let made = 0

beforeAll(async () => {
  clips = await clipsService()
})
afterAll(() => clips[Symbol.asyncDispose]())

const idOf = (sub: string) => clips.service.idOf(sub)

/** A rendered clip of that creator's show that waits since so many seconds. */
async function aClip(creator: string, changes: Partial<NewClip> = {}): Promise<string> {
  made += 1
  const clipId = derivedId('clip', createHash('sha256').update(String(made)).digest())
  const creatorId = idOf(creator)
  await clips.deps.database.transaction(async tx => {
    await tx.write(insertCreator(creatorId, creator))
    await tx.write(
      insertClip({
        clip_id: clipId,
        creator_id: creatorId,
        stream_id: 'strm_a',
        playback_id: `play_${made}`,
        origin: 'person',
        requested_by: creatorId,
        title: 'A clip',
        tags: [],
        start_ms: 0,
        end_ms: 10_000,
        crop: json('follow'),
        presets: [],
        marquee: true,
        needs_review: true,
        publish_when_ready: true,
        state: 'in_review',
        review_since: rfc3339(T0 + made * 1000),
        shard: made % CLIP_SHARDS,
        reasons: '[]',
        ...changes,
      }),
    )
  })
  return clipId
}

async function call(sub: string, path: string, options: CallOptions & { roles?: readonly Role[] } = {}) {
  const response = await clips.service.asUser(clips.app, sub, options.roles ?? ['creator'])(path, options)
  return { status: response.status, body: (await response.json()) as QueuedClip & Page<QueuedClip> & { code?: string } }
}

/** A verdict; each is a second after the one before. */
function review(sub: string, clipId: string, body: object, options: CallOptions & { roles?: readonly Role[] } = {}) {
  clips.clock.nowMs += 1_000
  return call(sub, `/v1/clips/${clipId}/reviews`, { body, ...options })
}
const approve = { verdict: 'approve' }
const reject = { verdict: 'reject', reason: 'Not ours to show' }
const moderator = { roles: ['moderator'] as const }
const typesOf = async (clipId: string) => (await clips.events(clipId)).map(({ type }) => type)
const stateOf = async (clipId: string) => (await clips.deps.database.read(getClip(clipId)))[0]?.state

async function fourEyes(creator: string): Promise<void> {
  const rules = { ...DEFAULT_RULES, four_eyes: true }
  expect((await call(creator, '/v1/clip-rules', { method: 'PUT', body: rules })).status).toBe(200)
}

describe('a verdict', () => {
  test('that approves publishes the clip, with an audit row and events in order', async () => {
    const clipId = await aClip('ann')
    const { status, body } = await review('ann', clipId, { ...approve, reason: 'Good light' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      clip: { id: clipId, state: 'published' },
      approvals_needed: 1,
      reviews: [{ reviewer: idOf('ann'), verdict: 'approve', reason: 'Good light' }],
    })
    expect(await typesOf(clipId)).toEqual(['clip.approved', 'clip.published'])
  })

  test('that approves leaves a clip ready that was not to publish itself', async () => {
    const clipId = await aClip('ann', { publish_when_ready: false })
    expect((await review('mo', clipId, approve, moderator)).body.clip.state).toBe('ready')
    expect(await typesOf(clipId)).toEqual(['clip.approved'])
    expect((await call('ann', `/v1/clips/${clipId}/publish`, { method: 'POST' })).status).toBe(200)
  })

  test('that rejects says why and keeps the clip from others', async () => {
    const clipId = await aClip('ann')
    expect((await review('ann', clipId, { verdict: 'reject' })).status).toBe(422)
    expect((await review('ann', clipId, reject)).body).toMatchObject({
      clip: { state: 'rejected' },
      reviews: [{ verdict: 'reject', reason: 'Not ours to show' }],
    })
    expect(await typesOf(clipId)).toEqual(['clip.rejected'])
    expect((await call('vera', `/v1/clips/${clipId}`, { roles: ['viewer'] })).status).toBe(404)
    const published = await call('ann', `/v1/clips/${clipId}/publish`, { method: 'POST' })
    expect(published).toMatchObject({ status: 409, body: { code: 'clip.not-approved' } })
  })

  test('with one Idempotency-Key counts once and is answered alike', async () => {
    const clipId = await aClip('ann')
    const headers = { 'idempotency-key': 'once-and-for-all' }
    const all = await Promise.all(Array.from({ length: 5 }, () => review('ann', clipId, approve, { headers })))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(all.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(await clips.deps.database.read(listReviewsOf([clipId]))).toHaveLength(1)
    expect(await typesOf(clipId)).toEqual(['clip.approved', 'clip.published'])
  })

  test.each(['rendering', 'ready', 'published', 'rejected'] as const)(
    'on a clip that is %s is refused',
    async state => {
      const clipId = await aClip('ann', { state, review_since: null })
      expect(await review('ann', clipId, approve)).toMatchObject({ status: 409, body: { code: 'state.illegal' } })
    },
  )
})

test('verdicts of an earlier wait do not count for the next', async () => {
  await fourEyes('nan')
  const clipId = await aClip('nan', { marquee: false, publish_when_ready: false })
  expect((await review('mo', clipId, approve, moderator)).body.clip.state).toBe('ready')
  clips.clock.nowMs += 1_000
  const again = await call('nan', `/v1/clips/${clipId}`, { method: 'PATCH', body: { marquee: true } })
  expect(again.body).toMatchObject({ state: 'in_review' })
  const first = await review('mo', clipId, approve, moderator)
  expect(first.body).toMatchObject({ clip: { state: 'in_review' }, reviews: [{ reviewer: idOf('mo') }] })
  expect((await review('max', clipId, approve, moderator)).body.clip.state).toBe('ready')
  expect(await clips.deps.database.read(listReviewsOf([clipId]))).toHaveLength(3)
})

test('nobody publishes a marquee clip that nobody approved', async () => {
  const clipId = await aClip('ann')
  const published = await call('ann', `/v1/clips/${clipId}/publish`, { method: 'POST' })
  expect(published).toMatchObject({ status: 409, body: { code: 'clip.not-approved' } })
  expect(await stateOf(clipId)).toBe('in_review')
})

test('clips of others’ shows are not there to be reviewed, but for those who moderate', async () => {
  const clipId = await aClip('ann')
  expect((await review('bob', clipId, approve)).status).toBe(404)
  expect((await review('bob', 'clip_nothing', approve)).status).toBe(404)
  expect((await review('vera', clipId, approve, { roles: ['viewer'] })).status).toBe(403)
  expect((await review('mo', clipId, approve, moderator)).status).toBe(201)
})

describe('four eyes', () => {
  test('are two different people, neither of whom asked for the clip', async () => {
    await fourEyes('eve')
    const clipId = await aClip('eve')
    expect(await review('eve', clipId, approve)).toMatchObject({ status: 409, body: { code: 'review.not-yours' } })
    const first = await review('mo', clipId, approve, moderator)
    expect(first.body).toMatchObject({ clip: { state: 'in_review' }, approvals_needed: 2 })
    expect(await typesOf(clipId)).toEqual([])
    expect(await review('mo', clipId, approve, moderator)).toMatchObject({
      status: 409,
      body: { code: 'review.not-yours' },
    })
    const published = await call('eve', `/v1/clips/${clipId}/publish`, { method: 'POST' })
    expect(published.body.code).toBe('clip.not-approved')
    const second = await review('ada', clipId, approve, { roles: ['admin'] })
    expect(second.body).toMatchObject({ clip: { state: 'published' } })
    expect(second.body.reviews.map(({ reviewer }) => reviewer)).toEqual([idOf('mo'), idOf('ada')])
  })

  test('of two people at once both count, and of one person twice only one', async () => {
    await fourEyes('fay')
    const both = await aClip('fay')
    const two = await Promise.all([review('mo', both, approve, moderator), review('max', both, approve, moderator)])
    expect(two.map(({ status }) => status)).toEqual([201, 201])
    expect(await stateOf(both)).toBe('published')
    const one = await aClip('fay')
    const same = await Promise.all([review('mo', one, approve, moderator), review('mo', one, approve, moderator)])
    expect(same.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409])
    expect(await stateOf(one)).toBe('in_review')
  })

  test('one rejection is enough', async () => {
    await fourEyes('gus')
    const clipId = await aClip('gus')
    await review('mo', clipId, approve, moderator)
    expect((await review('max', clipId, reject, moderator)).body.clip.state).toBe('rejected')
  })

  test('look at marquee clips alone', async () => {
    await fourEyes('hal')
    const clipId = await aClip('hal', { marquee: false, origin: 'highlight', requested_by: null })
    expect((await review('hal', clipId, approve)).body).toMatchObject({
      clip: { state: 'published' },
      approvals_needed: 1,
    })
  })
})

describe('the queue', () => {
  test('tells a creator of their own shows and who moderates of all, longest waiting first, each once', async () => {
    const own: string[] = []
    for (let index = 0; index < 25; index += 1) own.push(await aClip(index % 2 === 0 ? 'ivy' : 'jon'))
    const read = async (sub: string, roles: readonly Role[]) => {
      const seen: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const { body } = await call(sub, `/v1/review-queue?limit=7${query}`, { roles })
        seen.push(...body.data.map(({ clip }) => clip.id))
        cursor = body.next_cursor
        if (seen.length < 14) await aClip('ivy')
      }
      return seen
    }
    const ivys = own.filter((_, index) => index % 2 === 0)
    const seen = await read('ivy', ['creator'])
    expect(seen.slice(0, ivys.length)).toEqual(ivys)
    expect(new Set(seen).size).toBe(seen.length)
    const all = await read('mo', ['moderator'])
    expect(all.filter(id => own.includes(id))).toEqual(own)
    expect(new Set(all).size).toBe(all.length)
    expect((await call('kim', '/v1/review-queue')).body.data).toEqual([])
  })

  test('a clip leaves it with the verdict', async () => {
    const clipId = await aClip('lea')
    const queue = () => call('lea', '/v1/review-queue')
    expect((await queue()).body.data).toMatchObject([{ clip: { id: clipId }, reviews: [], approvals_needed: 1 }])
    await review('lea', clipId, approve)
    expect((await queue()).body.data).toEqual([])
  })

  test('takes no other list’s cursor', async () => {
    expect((await call('ivy', '/v1/review-queue?cursor=abc.def')).body.code).toBe('cursor.invalid')
  })
})

test('a rendered clip that is sent to review waits there at once, once, and is published by its approval alone', async () => {
  const clipId = await aClip('ida', { marquee: false, needs_review: false, state: 'ready', review_since: null })
  const ask = () => call('ida', `/v1/clips/${clipId}`, { method: 'PATCH', body: { marquee: true } })
  expect(await ask()).toMatchObject({ status: 200, body: { state: 'in_review', marquee: true } })
  expect((await ask()).body).toMatchObject({ state: 'in_review' })
  const published = await call('ida', `/v1/clips/${clipId}/publish`, { method: 'POST' })
  expect(published).toMatchObject({ status: 409, body: { code: 'clip.not-approved' } })
  const queue = await call('ida', '/v1/review-queue')
  expect(queue.body.data.map(({ clip }) => clip.id)).toContain(clipId)
  const seen = await aClip('ida', {
    marquee: false,
    state: 'unpublished',
    published_at: rfc3339(T0),
    review_since: null,
  })
  const late = await call('ida', `/v1/clips/${seen}`, { method: 'PATCH', body: { marquee: true } })
  expect(late).toMatchObject({ status: 409, body: { code: 'state.illegal' } })
})
