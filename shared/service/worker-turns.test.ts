import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusal } from '#shared/domain/refusal.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { testService } from '#test/helpers/test-service.ts'
import { type HttpServer, serveHttp } from './http-server.ts'
import { jobRoutes } from './job-routes.ts'
import { jobStore } from './job-store.ts'
import { serviceApp } from './service-app.ts'
import { workerApp, type WorkerHandler } from './worker-loop.ts'

let database: Awaited<ReturnType<typeof recycledDatabase>>
let control: HttpServer
let service: Awaited<ReturnType<typeof testService>>
const jobs = () => jobStore({ database, now: Date.now, random: randomBytes })

beforeAll(async () => {
  database = await recycledDatabase()
  service = await testService('clips')
  const app = serviceApp(service.options)
  const queue = { wake: () => Promise.resolve() }
  jobRoutes(app, { service: 'clips', jobs: jobs(), queue, prepare: {}, finish: {} })
  control = await serveHttp({ fetch: app.fetch, port: 0, log: service.log, name: 'control' })
})
afterAll(async () => {
  await control.close()
  await database[Symbol.asyncDispose]()
})

async function worker(handler: WorkerHandler) {
  const app = workerApp({
    log: service.log,
    verifyService: service.options.verifyService,
    control: new URL(control.url),
    sign: service.serviceToken,
    handlers: { 'render-clip': handler, 'measure-stream': handler },
    drain: new AbortController().signal,
  })
  const server = await serveHttp({ fetch: app.fetch, port: 0, log: service.log, name: 'worker' })
  const call = service.asService(new URL(server.url), 'clips', 'queue')
  return {
    [Symbol.asyncDispose]: () => server.close(),
    wake: (kind: string, id: string) => call(`/tasks/${kind}`, { body: { job_id: id } }),
  }
}

async function added(kind: 'render-clip' | 'measure-stream', subjectId: string): Promise<string> {
  const { jobId } = await database.transaction(tx => jobs().add(tx, { kind, subjectId, recipe: 'v1', input: {} }))
  return jobId
}

test('jobs that take turns run one at a time, and none is leased before its turn', async () => {
  let running = 0
  const seen: number[] = []
  const ends: (() => void)[] = []
  await using w = await worker(async () => {
    running += 1
    seen.push(running)
    await new Promise<void>(end => ends.push(end))
    running -= 1
  })
  const first = await added('render-clip', 'clip_1')
  const second = await added('measure-stream', 'strm_1')
  const calls = [w.wake('render-clip', first)]
  await eventually(() => ends.length === 1)
  calls.push(w.wake('measure-stream', second))
  expect((await jobs().get(second))?.state).toBe('ready')
  ends[0]?.()
  await eventually(() => ends.length === 2)
  expect((await jobs().get(second))?.state).toBe('leased')
  ends[1]?.()
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([204, 204])
  expect(seen).toEqual([1, 1])
})

test('media that cannot be used ends its job at once', async () => {
  await using w = await worker(() => Promise.reject(new Refusal('media.rejected', { detail: 'Its bytes differ.' })))
  const id = await added('render-clip', 'clip_2')
  expect((await w.wake('render-clip', id)).status).toBe(204)
  expect(await jobs().get(id)).toMatchObject({
    state: 'dead',
    attempt: 1,
    error: { code: 'media.rejected', message: 'Its bytes differ.' },
  })
})
