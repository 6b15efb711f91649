import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { FeedApi } from '#run-services/feed/contract.ts'
import { type CreatorClient, creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'

const WITHIN = { withinMs: 120_000 }
/** Short enough for a pick in a show of some seconds; everything else as everyone begins with. */
const RANGE = { before_ms: 2_000, after_ms: 2_000 }

let platform: Platform
let alice: CreatorClient

beforeAll(async () => {
  platform = await startPlatform()
  alice = await creatorClient(platform)
}, 120_000)
afterAll(() => platform?.[Symbol.asyncDispose]())

async function get<Answer>(path: string): Promise<Answer> {
  const { status, body } = await alice.send('GET', path)
  expect({ path, status, body }).toMatchObject({ status: 200 })
  return body as Answer
}

test('a marked moment becomes a clip that waits for a person, and is in the feed once somebody approved it', async () => {
  const { rules } = await get<ClipsApi['GET /v1/clip-rules']['answer']>('/v1/clip-rules')
  expect((await alice.send('PUT', '/v1/clip-rules', { ...rules, ...RANGE })).status).toBe(200)
  const channel = await alice.createChannel({ reconnect_window_s: 1, renditions_max: 1 })
  const publisher = ffmpegPublisher(publishUrl(platform, channel), { seconds: 12, fps: 15 })
  const { id } = await eventually(
    async () => (await alice.liveStream(channel.id)) ?? expect.fail('not live yet'),
    () => undefined,
    WITHIN,
  )
  const marker = { kind: 'highlight', at_ms: 5_000, note: 'ท่อนฮุค 🎉' }
  expect((await alice.send('POST', `/v1/streams/${id}/markers`, marker)).status).toBe(201)
  await publisher.ended

  const [queued] = await eventually(
    async () => (await get<ClipsApi['GET /v1/review-queue']['answer']>('/v1/review-queue')).data,
    waiting => expect(waiting).toHaveLength(1),
    WITHIN,
  )
  expect(queued).toMatchObject({
    clip: { origin: 'highlight', state: 'in_review', title: marker.note, stream_id: id },
    approvals_needed: 1,
    reviews: [],
  })
  const clipId = queued?.clip.id ?? ''
  expect((await alice.send('POST', `/v1/clips/${clipId}/publish`)).body).toMatchObject({ code: 'clip.not-approved' })

  const why = await get<ClipsApi['GET /v1/clips/{id}/explain']['answer']>(`/v1/clips/${clipId}/explain`)
  expect(why).toMatchObject({ rules_version: 1, feed: null })
  expect(why.reasons).toContainEqual(expect.objectContaining({ signal: 'marker', note: marker.note, at_ms: 5_000 }))
  const simulated = await alice.send('POST', '/v1/clip-rules:simulate', { stream_id: id })
  const { picks, strips } = simulated.body as ClipsApi['POST /v1/clip-rules:simulate']['answer']
  expect(picks).toMatchObject([{ start_ms: queued?.clip.start_ms, end_ms: queued?.clip.end_ms }])
  const sheet = await fetch(strips[0]?.url ?? '')
  expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  await sheet.body?.cancel()

  const approved = await alice.send('POST', `/v1/clips/${clipId}/reviews`, { verdict: 'approve' })
  expect(approved).toMatchObject({ status: 201, body: { clip: { state: 'published' } } })
  await eventually(
    async () => (await get<FeedApi['GET /v1/feed']['answer']>('/v1/feed')).data.map(item => JSON.stringify(item)),
    items => expect(items.some(item => item.includes(clipId))).toBe(true),
    WITHIN,
  )
}, 300_000)
