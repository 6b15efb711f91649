import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { readFrameNumbers } from '#test/helpers/frame-clock-reader.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { type StoredShow, storedShow } from '#test/helpers/stored-show.ts'
import { cuttingOf } from './app.ts'
import type { ClipAnswer } from './clip-answer.ts'
import { finishCuts } from './finish-cuts.ts'
import { readObject } from './read-object.ts'

const FPS = 30
const FRAME_MS = 1000 / FPS
const BYTES_MAX = 64 * 1024 * 1024

let clips: ClipsService
let show: StoredShow
let holed: StoredShow
const folder = mkdtempSync(join(tmpdir(), 'showreel-clip-'))

beforeAll(async () => {
  clips = await clipsService()
  const media = await markedMedia({ fps: FPS, seconds: 8, width: 320, height: 180 })
  const { database } = clips.deps
  const creatorId = clips.service.idOf('alice')
  show = await storedShow({ database, store: clips.store, media, creatorId })
  holed = await storedShow({ database, store: clips.store, media, creatorId, name: 'b', lost: 2 })
}, 120_000)
afterAll(async () => {
  await clips[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(body: object, headers: Record<string, string> = {}, sub = 'vera') {
  const response = await clips.service.asUser(clips.app, sub, ['viewer'])('/v1/clips', { body, headers })
  if (response.status === 500) throw new Error(clips.service.lines().at(-1))
  return { status: response.status, body: (await response.json()) as ClipAnswer & { code: string } }
}

/** What somebody sees who follows the clip's link. */
async function framesBehindLink({ playback }: ClipAnswer): Promise<number[]> {
  const key = new URL(playback?.mp4_url ?? '').pathname.slice(1)
  const post = await clips.store.head(key)
  const bytes = await readObject(clips.store, key.replace('clip.mp4', post?.redirect ?? ''), BYTES_MAX)
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mp4`)
  writeFileSync(file, bytes ?? new Uint8Array())
  return (await readFrameNumbers(file)).map(({ frame }) => frame ?? -1)
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test('a clip plays when the request is answered, its first and last frame exact', async () => {
  const { status, body } = await ask({ stream_id: show.streamId, start_ms: 1_234, end_ms: 4_321 })
  expect(status).toBe(201)
  expect(body).toMatchObject({ state: 'playable', width: 320, height: 180, missing_ms: 0, title: 'Marked media' })
  const first = Math.ceil((1_234 - 0.6) / FRAME_MS)
  const end = Math.ceil((4_321 - 0.6) / FRAME_MS)
  expect(await framesBehindLink(body)).toEqual(numbers(first, end))
  const types = (await clips.events(body.id)).map(({ type }) => type)
  expect(types).toEqual(['clip.requested', 'clip.playable'])
  expect(clips.wakes.at(-1)).toMatchObject({ queue: 'render-clip' })
})

test('what is lost of a range is left out and counted, the rest plays', async () => {
  const { status, body } = await ask({ stream_id: holed.streamId, start_ms: 3_000, end_ms: 7_000 })
  expect(status).toBe(201)
  expect(body.missing_ms).toBe(2_000)
  expect(await framesBehindLink(body)).toEqual([...numbers(90, 120), ...numbers(180, 210)])
})

test('a range of which nothing is left is refused, and no clip of it is to be seen', async () => {
  const { status, body } = await ask({ stream_id: holed.streamId, start_ms: 4_100, end_ms: 5_900 })
  expect(status).toBe(422)
  expect(body.code).toBe('clip.no-media')
  const listed = await clips.service.asUser(clips.app, 'vera', ['viewer'])(`/v1/clips?stream=${holed.streamId}`)
  expect(((await listed.json()) as { data: ClipAnswer[] }).data.every(({ state }) => state !== 'failed')).toBe(true)
})

test.each([
  [{ start_ms: 3_000, end_ms: 2_000 }, 422, 'clip.range'],
  [{ start_ms: 20_000, end_ms: 22_000 }, 422, 'clip.outside-stream'],
  [{ start_ms: 0 }, 422, 'request.invalid'],
  [{ last_s: 2, start_ms: 0, end_ms: 2_000 }, 422, 'request.invalid'],
  [{ start_ms: 0, end_ms: 2_000, title: '\u0007' }, 422, 'request.invalid'],
  [{ stream_id: 'strm_nothere', start_ms: 0, end_ms: 2_000 }, 404, 'resource.missing'],
])('%j is refused', async (range, status, code) => {
  const reply = await ask({ stream_id: show.streamId, ...range })
  expect(reply.status).toBe(status)
  expect(reply.body.code).toBe(code)
})

test('R9: the same request five times at once makes one clip', async () => {
  const headers = { 'idempotency-key': 'pressed-once' }
  const range = { stream_id: show.streamId, start_ms: 0, end_ms: 2_000, title: 'Once' }
  const replies = await Promise.all(Array.from({ length: 5 }, () => ask(range, headers)))
  const made = replies.filter(({ status }) => status === 201)
  expect(made.length).toBeGreaterThan(0)
  expect(replies.every(({ status, body }) => status === 201 || body.code === 'idempotency.in-flight')).toBe(true)
  expect((await ask(range, headers)).body.id).toBe(made[0]?.body.id)
  expect((await ask({ ...range, end_ms: 3_000 }, headers)).body.code).toBe('idempotency.key-reused')
  const mine = await clips.service.asUser(clips.app, 'vera', ['viewer'])('/v1/clips?limit=100')
  const { data } = (await mine.json()) as { data: ClipAnswer[] }
  expect(data.filter(({ title }) => title === 'Once')).toHaveLength(1)
})

test.each(['Ein Tor! ⚽️', 'ประตู', '进球了', '<script>alert(1)</script>', 'a'.repeat(200)])(
  'the title %s is kept as it is',
  async title => {
    const { body } = await ask({ stream_id: show.streamId, start_ms: 0, end_ms: 1_000, title })
    expect(body.title).toBe(title)
  },
)

test('a stranger sees a clip by its link alone, never one that waits for a person', async () => {
  const { body } = await ask({ stream_id: show.streamId, start_ms: 0, end_ms: 2_000, marquee: true })
  const get = (sub: string) => clips.service.asUser(clips.app, sub, ['viewer'])(`/v1/clips/${body.id}`)
  expect((await get('vera')).status).toBe(200)
  expect((await get('alice')).status).toBe(200)
  expect((await get('mallory')).status).toBe(404)
  const publish = await clips.service.asUser(clips.app, 'alice')(`/v1/clips/${body.id}/publish`, { method: 'POST' })
  expect(publish.status).toBe(409)
  expect(await publish.json()).toMatchObject({ code: 'clip.not-approved' })
})

test('a clip whose process died before its cut was stored is finished later, or given up with what was wrong', async () => {
  const { store } = clips.deps
  const put = store.put.bind(store)
  store.put = () => Promise.reject(new Error('the process is gone'))
  const made = ['finished later', 'given up'].map(async title => {
    const stream = title === 'given up' ? holed : show
    return ask({ stream_id: stream.streamId, start_ms: 0, end_ms: 2_000, title }).catch(() => undefined)
  })
  await Promise.all(made)
  const states = async () => {
    const mine = await clips.service.asUser(clips.app, 'vera', ['viewer'])('/v1/clips?limit=100')
    const { data } = (await mine.json()) as { data: ClipAnswer[] }
    return Object.fromEntries(data.map(({ title, state, reason }) => [title, [state, reason]]))
  }
  expect(await states()).toMatchObject({ 'finished later': ['requested', null], 'given up': ['requested', null] })
  const later = async (ms: number) => {
    clips.clock.nowMs += ms
    await finishCuts(clips.deps, clips.deps.cutting)
  }
  await later(31_000)
  expect(await states()).toMatchObject({ 'finished later': ['requested', null] })
  store.put = put
  await clips.store.delete([`play/${holed.showId}/v1/180p/init-1.mp4`])
  clips.deps.cutting = cuttingOf({ store })
  await later(16 * 60_000)
  expect(await states()).toMatchObject({ 'finished later': ['playable', null], 'given up': ['failed', 'no-media'] })
})
