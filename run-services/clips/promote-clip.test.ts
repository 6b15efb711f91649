import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ClipRendition } from '#shared/domain/clip.ts'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { type StoredShow, storedShow } from '#test/helpers/stored-show.ts'
import type { ClipAnswer } from './clip-answer.ts'
import type { RenderPayload } from './render-job.ts'
import { sweepObjects } from './sweep-objects.ts'

let clips: ClipsService
let show: StoredShow
beforeAll(async () => {
  clips = await clipsService()
  const media = await markedMedia({ fps: 30, seconds: 8, width: 320, height: 180 })
  const creatorId = clips.service.idOf('alice')
  show = await storedShow({ database: clips.deps.database, store: clips.store, media, creatorId })
}, 120_000)
afterAll(() => clips[Symbol.asyncDispose]())
beforeEach(() => {
  clips.wakes.length = 0
})

const api = (sub: string) => clips.service.asUser(clips.app, sub, ['viewer'])
const worker = () => clips.service.asService(clips.app, 'clips', 'worker')
const signal = new AbortController().signal

async function asked(extra: object = {}): Promise<ClipAnswer> {
  const body = { stream_id: show.streamId, start_ms: 0, end_ms: 2_000, ...extra }
  return (await (await api('vera')('/v1/clips', { body })).json()) as ClipAnswer
}

async function clipNow(id: string, sub = 'vera'): Promise<ClipAnswer> {
  return (await (await api(sub)(`/v1/clips/${id}`)).json()) as ClipAnswer
}

type Leased = { jobId: string; token: number; payload: RenderPayload }

async function lease(jobId: string): Promise<Leased> {
  const response = await worker()(`/internal/clips/jobs/${jobId}/lease`, { body: { owner: 'w' } })
  if (response.status !== 200) throw new Error(await response.text())
  return { jobId, ...((await response.json()) as Omit<Leased, 'jobId'>) }
}

/** What a worker stores: small files in place of media. */
async function stored({ payload }: Leased, words = 'file'): Promise<ClipRendition[]> {
  return Promise.all(
    payload.targets.map(async ({ name, key, content_type }) => {
      const bytes = Buffer.from(`${words} ${name}`)
      await clips.store.put(key, bytes, { contentType: content_type })
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      return { name, uri: key, bytes: bytes.length, sha256, content_type }
    }),
  )
}

async function finish({ jobId, token }: Leased, files: ClipRendition[]): Promise<number> {
  const body = { token, result: { stored: files, loudness_lufs: -16 } }
  return (await worker()(`/internal/clips/jobs/${jobId}/finish`, { body })).status
}

/** Runs what was asked of the service itself. */
async function runTasks(kind: string): Promise<void> {
  const jobs = clips.wakes.filter(({ queue }) => queue === kind)
  clips.wakes.splice(0, clips.wakes.length, ...clips.wakes.filter(({ queue }) => queue !== kind))
  for (const { jobId } of jobs) await worker()(`/tasks/${kind}`, { body: { job_id: jobId } })
}

const renderJob = () => clips.wakes.findLast(({ queue }) => queue === 'render-clip')?.jobId ?? ''
const typesOf = async (id: string) => (await clips.events(id)).filter(e => e.source === 'clips').map(({ type }) => type)
const entry = async ({ playback }: ClipAnswer, file: string) =>
  (await clips.store.head(`play/${playback?.id}/${file}`))?.redirect

test('a render is shown when all of its files are there, and published once under the same link', async () => {
  const clip = await asked({ tags: ['goal'] })
  expect(await entry(clip, 'clip.mp4')).toBe('v1000/cut.mp4')
  const job = await lease(renderJob())
  expect(job.payload).toMatchObject({ folder: 'v1001', cut: { frames: 60, width: 320, height: 180, audio: true } })
  expect((await clipNow(clip.id)).state).toBe('rendering')
  expect(await finish(job, await stored(job))).toBe(204)
  expect((await clipNow(clip.id)).state).toBe('rendering')
  await runTasks('promote-clip')
  const ready = await clipNow(clip.id)
  expect(ready).toMatchObject({ state: 'published', render: null, playback: { mp4_url: clip.playback?.mp4_url } })
  expect(ready.playback?.vertical_url).toContain('/vertical.mp4')
  expect(await entry(clip, 'clip.mp4')).toBe('v1001/wide.mp4')
  expect(await entry(clip, 'poster.jpg')).toBe('v1001/poster.jpg')
  const events = await clips.events(clip.id)
  const types = ['clip.requested', 'clip.playable', 'clip.rendered', 'clip.published']
  expect(await typesOf(clip.id)).toEqual(types)
  expect(events.find(({ type }) => type === 'clip.published')?.data).toMatchObject({ tags: ['goal'] })
})

test('a file that is not what the worker said is never shown', async () => {
  const clip = await asked()
  const job = await lease(renderJob())
  const files = await stored(job)
  const wide = files.find(({ name }) => name === 'wide')
  await clips.store.put(wide?.uri ?? '', Buffer.from('file WIDE'), { contentType: 'video/mp4' })
  await finish(job, files)
  await runTasks('promote-clip')
  expect((await clipNow(clip.id)).state).toBe('rendering')
  expect(await entry(clip, 'clip.mp4')).toBe('v1000/cut.mp4')
})

test('R5: what a worker does that lost its lease is seen by nobody', async () => {
  const clip = await asked()
  const jobId = renderJob()
  const zombie = await lease(jobId)
  clips.clock.nowMs += 60_000
  const second = await lease(jobId)
  expect(second.payload.folder).toBe('v1002')
  await finish(second, await stored(second, 'second'))
  await runTasks('promote-clip')
  const late = await stored(zombie, 'late')
  expect(await finish(zombie, late)).toBe(409)
  expect((await clipNow(clip.id)).state).toBe('published')
  expect(await entry(clip, 'clip.mp4')).toBe('v1002/wide.mp4')
  const { deleted } = await sweepObjects(clips.deps, signal, -1)
  expect(deleted).toBeGreaterThanOrEqual(late.length)
  expect(await clips.store.head(late[0]?.uri ?? '')).toBeUndefined()
  expect(await clips.store.head(second.payload.targets[0]?.key ?? '')).toBeDefined()
})

test('a render that was given up leaves the instant cut playing; its retry ends well', async () => {
  const clip = await asked()
  const jobId = renderJob()
  const job = await lease(jobId)
  const body = { token: job.token, error: { message: 'no' }, retryable: false }
  await worker()(`/internal/clips/jobs/${jobId}/fail`, { body })
  const dead = (await clips.events(clip.id)).find(({ type }) => type === 'job.dead') as DomainEvent
  expect(await clips.push('clips--jobs', dead)).toBe(204)
  expect(await clips.push('clips--jobs', dead)).toBe(204)
  expect(await clipNow(clip.id)).toMatchObject({ state: 'playable', reason: 'render-failed', render: null })
  const alice = clips.service.asUser(clips.app, 'alice')
  expect((await alice(`/v1/jobs/${jobId}/retry`, { method: 'POST' })).status).toBe(202)
  const again = await lease(jobId)
  await finish(again, await stored(again))
  await runTasks('promote-clip')
  expect(await clipNow(clip.id)).toMatchObject({ state: 'published', reason: null })
})

test('another range is cut and rendered anew under the same link; the render of the old one is not wanted', async () => {
  const clip = await asked({ publish: false })
  const old = renderJob()
  const patch = (body: object) => api('vera')(`/v1/clips/${clip.id}`, { method: 'PATCH', body })
  const changed = (await (await patch({ start_ms: 1_000, title: 'Shorter' })).json()) as ClipAnswer
  expect(changed).toMatchObject({ start_ms: 1_000, duration_ms: 1_000, title: 'Shorter', state: 'playable' })
  expect(await entry(clip, 'clip.mp4')).toBe('v2000/cut.mp4')
  await expect(lease(old)).rejects.toThrow('job.not-ready')
  const job = await lease(renderJob())
  await finish(job, await stored(job))
  await runTasks('promote-clip')
  expect(await clipNow(clip.id)).toMatchObject({ state: 'ready' })
  expect((await api('vera')(`/v1/clips/${clip.id}/publish`, { method: 'POST' })).status).toBe(200)
  const late = await patch({ end_ms: 3_000 })
  expect(late.status).toBe(409)
  expect((await patch({ title: 'Words may change' })).status).toBe(200)
})

test('a deleted clip is gone for everyone, its files with it, and nothing of it comes back', async () => {
  const clip = await asked()
  const job = await lease(renderJob())
  expect((await api('mallory')(`/v1/clips/${clip.id}`, { method: 'DELETE' })).status).toBe(404)
  expect((await api('vera')(`/v1/clips/${clip.id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await api('vera')(`/v1/clips/${clip.id}`)).status).toBe(404)
  await finish(job, await stored(job))
  await runTasks('promote-clip')
  await runTasks('purge-clip')
  await sweepObjects(clips.deps, signal, -1)
  const left: string[] = []
  for await (const { key } of clips.store.list(`play/${clip.playback?.id}/`)) left.push(key)
  expect(left).toEqual([])
  expect((await typesOf(clip.id)).at(-1)).toBe('clip.deleted')
})

test('the sweep removes what nobody owns, and nothing of a show', async () => {
  const orphan = `play/play_${'z'.repeat(26)}/v1000/cut.mp4`
  await clips.store.put(orphan, Buffer.from('left behind'), { contentType: 'video/mp4' })
  const before: string[] = []
  for await (const { key } of clips.store.list(`play/${show.showId}/`)) before.push(key)
  await sweepObjects(clips.deps, signal, -1)
  expect(await clips.store.head(orphan)).toBeUndefined()
  const after: string[] = []
  for await (const { key } of clips.store.list(`play/${show.showId}/`)) after.push(key)
  expect(after).toEqual(before)
})

test('a clip in the feed keeps its link when it is taken out and put back', async () => {
  const clip = await asked()
  const job = await lease(renderJob())
  await finish(job, await stored(job))
  await runTasks('promote-clip')
  const post = (verb: string) => api('vera')(`/v1/clips/${clip.id}/${verb}`, { method: 'POST' })
  expect(await (await post('unpublish')).json()).toMatchObject({ state: 'unpublished' })
  expect((await post('unpublish')).status).toBe(200)
  expect((await api('mallory')(`/v1/clips/${clip.id}`)).status).toBe(404)
  expect(await (await post('publish')).json()).toMatchObject({ state: 'published' })
})
