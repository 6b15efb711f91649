import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { EventOf } from '#shared/domain/domain-event.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { workerApp } from '#shared/service/worker-loop.ts'
import { channelsService, type ChannelsService, type Reply } from '#test/helpers/channels-service.ts'
import { planeReports, segmentOf } from '#test/helpers/plane-reports.ts'
import type { CreatedChannelAnswer } from './channel-answer.ts'
import type { StreamAnswer } from './stream-answer.ts'
import { channelsWorker } from './worker.ts'

// A database start and hundreds of transactions on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const log = createLog({ service: 'test', level: 'silent' })
const parts = new AsyncDisposableStack()
let service: ChannelsService
let store: ObjectStore
let runWakes: () => Promise<void>
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'showreel-archive-'))
  parts.defer(() => rm(directory, { recursive: true, force: true }))
  let handler: ((request: Request) => Promise<Response>) | undefined
  const objects = await serveHttp({
    port: 0,
    log,
    name: 'objects',
    fetch: async request => (await handler?.(request)) ?? new Response(null, { status: 503 }),
  })
  parts.defer(() => objects.close())
  const signing = { key: new Uint8Array(32).fill(9), baseUrl: `${objects.url}/objects`, now: () => Date.now() }
  store = directoryObjectStore({ directory, signing })
  handler = signedObjectHandler(store, signing)
  service = parts.use(await channelsService({ store }))
  const control = await serveHttp({ port: 0, log, name: 'control', fetch: service.app.fetch })
  parts.defer(() => control.close())
  const calls = serviceCalls({ key: new Uint8Array(32).fill(7), issuer: 'test', now: () => service.clock.nowMs })
  const worker = workerApp({
    log,
    verifyService: calls.verify,
    control: new URL(control.url),
    sign: calls.sign,
    handlers: channelsWorker,
    drain: new AbortController().signal,
  })
  let done = 0
  runWakes = async () => {
    while (done < service.wakes.length) {
      const wake = service.wakes[done++]
      if (wake?.queue !== 'archive-stream') continue
      service.clock.nowMs = Math.max(service.clock.nowMs, Date.parse(wake.notBefore ?? '') || 0)
      const bearer = await calls.sign('channels', 'queue')
      const response = await worker.request('http://worker.test/tasks/archive-stream', {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ job_id: wake.jobId }),
      })
      expect(response.status).toBe(204)
    }
  }
})
afterAll(() => parts.disposeAsync())

let shows = 0
async function endedShow(segments: number, damage: (seq: number, key: string) => Promise<boolean> = async () => false) {
  const call = service.as('alice')
  const { body: channel } = (await call('POST', '/v1/channels', { title: 'A show' })) as Reply<CreatedChannelAnswer>
  const streamId = `play_archive${(shows += 1)}`
  const reports = planeReports(`ref-${channel.id}`, streamId)
  const stored = Array.from({ length: segments }, (_, seq) => segmentOf(streamId, seq, seq * 2))
  const put = async ({ seq, renditions }: (typeof stored)[number]) => {
    const key = renditions[0]?.uri ?? ''
    if (await damage(seq, key)) return
    await store.put(key, Buffer.from(`${streamId} ${seq}`), { contentType: 'video/mp4' })
  }
  await Promise.all(stored.map(put))
  service.plane.store(streamId, stored, true)
  await service.tell(reports.started(1, 0))
  await service.tell(reports.over(1, 60))
  const { data } = (await call('GET', `/v1/streams?channel=${channel.id}`)).body as { data: StreamAnswer[] }
  const id = data[0]?.id ?? ''
  const ended = (await service.events(id)).find(
    (event): event is EventOf<'stream.ended'> => event.type === 'stream.ended',
  )
  if (ended === undefined) throw new Error('The show did not end.')
  return {
    id,
    ended,
    call,
    streamId,
    stream: async () => (await call('GET', `/v1/streams/${id}`)).body as StreamAnswer,
  }
}

describe('the archive of a show', () => {
  test('is verified object by object after the show, and told of once', async () => {
    const { id, ended, stream } = await endedShow(25)
    expect(await service.push('channels--streams', ended)).toBe(204)
    expect(await service.push('channels--streams', ended)).toBe(204)
    await runWakes()
    expect(await stream()).toMatchObject({ state: 'archived', archive: { segments: 25, lost: [] } })
    const types = (await service.events(id)).map(event => event.type)
    expect(types.filter(type => type === 'stream.archived')).toHaveLength(1)
    expect(types.filter(type => type === 'segment.finalized')).toHaveLength(25)
  })

  test('names what is missing, cut short or altered, and keeps the rest', async () => {
    const { ended, stream } = await endedShow(8, async (seq, key) => {
      if (seq === 2) return true
      if (seq !== 4 && seq !== 6) return false
      const text = seq === 4 ? 'short' : key.replaceAll(/./g, 'x')
      await store.put(key, Buffer.from(text), { contentType: 'video/mp4' })
      return true
    })
    await service.push('channels--streams', ended)
    await runWakes()
    expect(await stream()).toMatchObject({ state: 'archived', archive: { lost: [2, 4, 6] } })
  })

  test('of which nothing is left has failed', async () => {
    const { ended, stream, id } = await endedShow(3, async () => true)
    await service.push('channels--streams', ended)
    await runWakes()
    expect(await stream()).toMatchObject({ state: 'failed', reason: 'recording-lost', archive: { lost: [0, 1, 2] } })
    expect((await service.events(id)).at(-1)).toMatchObject({ type: 'stream.failed' })
  })

  test('longer than one job is verified part by part', async () => {
    const { ended, stream } = await endedShow(505)
    await service.push('channels--streams', ended)
    await runWakes()
    expect(await stream()).toMatchObject({ state: 'archived', archive: { segments: 505, lost: [] } })
  })

  test('waits until the plane has closed the recording', async () => {
    const { ended, stream, streamId } = await endedShow(2)
    const whole = await service.plane.listSegments(streamId, 0)
    service.plane.store(streamId, whole, false)
    await service.push('channels--streams', ended)
    const wake = service.wakes.at(-1)
    expect((await service.service(`/internal/channels/jobs/${wake?.jobId}/lease`, { owner: 'worker' })).status).toBe(
      503,
    )
    expect(await stream()).toMatchObject({ state: 'ended', archive: null })
    service.plane.store(streamId, whole, true)
    service.clock.nowMs += 60_000
    await runWakes()
    expect(await stream()).toMatchObject({ state: 'archived' })
  })

  test('is gone on with after an outage that used up all attempts', async () => {
    const { ended, stream, streamId } = await endedShow(2)
    service.plane.store(streamId, await service.plane.listSegments(streamId, 0), false)
    await service.push('channels--streams', ended)
    const jobId = service.wakes.at(-1)?.jobId ?? ''
    for (let attempt = 0; attempt < 5; attempt += 1) {
      service.clock.nowMs += 120_000
      expect((await service.service(`/internal/channels/jobs/${jobId}/lease`, { owner: 'worker' })).status).toBe(503)
    }
    const [died] = await service.database.read<{ payload: EventOf<'job.dead'> }>({
      name: 'test.dead',
      sql: `select payload from domain_events where type = 'job.dead' and subject_id = $1`,
      parameters: [ended.data.stream_id],
    })
    if (died === undefined) throw new Error('The job did not die.')
    service.plane.store(streamId, await service.plane.listSegments(streamId, 0), true)
    expect(await service.push('channels--jobs', died.payload)).toBe(204)
    expect(await service.push('channels--jobs', died.payload)).toBe(204)
    await runWakes()
    expect(await stream()).toMatchObject({ state: 'archived', archive: { segments: 2 } })
  })

  test('is nothing for a worker that lost its lease', async () => {
    const { ended, stream } = await endedShow(2)
    await service.push('channels--streams', ended)
    const jobId = service.wakes.at(-1)?.jobId ?? ''
    const lease = (await service.service(`/internal/channels/jobs/${jobId}/lease`, { owner: 'first' })).body as {
      token: number
      payload: unknown
    }
    service.clock.nowMs += 31_000
    await runWakes()
    const result = {
      next_seq: 2,
      segments: 2,
      bytes: 0,
      lost: [{ seq: 0, rendition: '720p', problem: 'missing' }],
      absent: [],
      go_on: null,
    }
    const late = await service.service(`/internal/channels/jobs/${jobId}/finish`, { token: lease.token, result })
    expect([late.status, (late.body as { code: string }).code]).toEqual([409, 'job.lease-lost'])
    expect(await stream()).toMatchObject({ state: 'archived', archive: { segments: 2, lost: [] } })
  })
})
