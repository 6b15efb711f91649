import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { testService } from '#test/helpers/test-service.ts'
import { type HttpServer, serveHttp } from './http-server.ts'
import { firstTime } from './inbox.ts'
import { jobRoutes } from './job-routes.ts'
import { jobStore } from './job-store.ts'
import { serviceApp } from './service-app.ts'
import { workerApp, type WorkerHandler } from './worker-loop.ts'

const KIND = 'archive-stream'
const LEASE_MS = 30_000

const effectsOf = namedQuery('worker-test.effects', ['x'], (consumer: string) =>
  tables.selectFrom('inbox').select('event_key').where('consumer', '=', consumer),
)

let database: Awaited<ReturnType<typeof recycledDatabase>>
let control: HttpServer
let service: Awaited<ReturnType<typeof testService>>
/** Moves the database's clock only: leases run out without waiting. */
let skewMs = 0
const now = () => Date.now() + skewMs

const jobs = () => jobStore({ database, now, random: randomBytes })
let jobNumber = 0

beforeAll(async () => {
  database = await recycledDatabase()
  service = await testService('channels')
  const app = serviceApp(service.options)
  jobRoutes(app, {
    service: 'channels',
    jobs: jobs(),
    queue: { wake: () => Promise.resolve() },
    prepare: { [KIND]: job => Promise.resolve({ put: `https://objects.test/${job.subjectId}` }) },
    finish: { [KIND]: async (tx, job, result) => void (await firstTime(tx, JSON.stringify(result), job.subjectId)) },
  })
  control = await serveHttp({ fetch: app.fetch, port: 0, log: service.log, name: 'control' })
})
afterAll(async () => {
  await control.close()
  await database[Symbol.asyncDispose]()
})

async function worker(handler: WorkerHandler, options: { control?: URL; drain?: AbortSignal } = {}) {
  const app = workerApp({
    log: service.log,
    verifyService: service.options.verifyService,
    control: options.control ?? new URL(control.url),
    sign: service.serviceToken,
    handlers: { [KIND]: handler },
    drain: options.drain ?? new AbortController().signal,
  })
  const server = await serveHttp({ fetch: app.fetch, port: 0, log: service.log, name: 'worker' })
  const call = service.asService(new URL(server.url), 'channels', 'queue')
  return {
    [Symbol.asyncDispose]: () => server.close(),
    wake: (id: string) => call(`/tasks/${KIND}`, { body: { job_id: id } }),
  }
}

async function addJob() {
  jobNumber += 1
  const subjectId = `strm_${jobNumber}`
  const { jobId } = await database.transaction(tx =>
    jobs().add(tx, { kind: KIND, subjectId, recipe: 'v1', input: { n: jobNumber } }),
  )
  return { jobId, subjectId }
}

test('a worker leases, saves, and finishes over HTTP, and a second wake-up does nothing', async () => {
  const runs: unknown[] = []
  await using w = await worker(async (job, { save }) => {
    runs.push(job)
    await save({ half: true })
    return { made: job.payload }
  })
  const { jobId, subjectId } = await addJob()
  expect((await w.wake(jobId)).status).toBe(204)
  expect((await w.wake(jobId)).status).toBe(204)
  expect(runs).toMatchObject([{ id: jobId, kind: KIND, subjectId, attempt: 1, input: { n: jobNumber } }])
  expect(await jobs().get(jobId)).toMatchObject({ state: 'done', checkpoint: { half: true } })
  expect(await database.read(effectsOf(subjectId))).toEqual([
    { event_key: `{"made":{"put":"https://objects.test/${subjectId}"}}` },
  ])
})

test('a failed run is put back, and the next one starts at its checkpoint', async () => {
  const starts: unknown[] = []
  await using w = await worker(async (job, { save }) => {
    starts.push(job.checkpoint)
    if (job.attempt === 1) {
      await save({ chunk: 7 })
      throw new Error('the encoder died')
    }
    return job.checkpoint
  })
  const { jobId } = await addJob()
  expect((await w.wake(jobId)).status).toBe(204)
  expect(await jobs().get(jobId)).toMatchObject({ state: 'ready', error: { message: 'the encoder died' } })
  skewMs += 2_000
  await w.wake(jobId)
  expect(starts).toEqual([undefined, { chunk: 7 }])
  expect(await jobs().get(jobId)).toMatchObject({ state: 'done', result: { chunk: 7 } })
})

test('a zombie is stopped at its next save and cannot overwrite what the other one finished', async () => {
  const released = Promise.withResolvers<void>()
  let started = 0
  let stopped: unknown
  await using w = await worker(async (job, { save, signal }) => {
    started += 1
    if (job.attempt > 1) return 'right'
    await released.promise
    try {
      await save({ stolen: true })
    } catch (error) {
      stopped = { error, aborted: signal.aborted }
      throw error
    }
    return 'stolen'
  })
  const { jobId, subjectId } = await addJob()
  const zombie = w.wake(jobId)
  await eventually(() => started === 1)
  skewMs += LEASE_MS + 1_000
  expect((await w.wake(jobId)).status).toBe(204)
  released.resolve()
  expect((await zombie).status).toBe(204)
  expect(stopped).toMatchObject({ error: { code: 'job.lease-lost' }, aborted: true })
  expect(await jobs().get(jobId)).toMatchObject({ state: 'done', result: 'right', checkpoint: undefined })
  expect(await database.read(effectsOf(subjectId))).toEqual([{ event_key: '"right"' }])
})

test('a worker that is shut down hands its job back', async () => {
  const drain = new AbortController()
  await using w = await worker(
    (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    { drain: drain.signal },
  )
  const { jobId } = await addJob()
  const running = w.wake(jobId)
  await eventually(async () => (await jobs().get(jobId))?.state === 'leased')
  drain.abort()
  expect((await running).status).toBe(204)
  expect(await jobs().get(jobId)).toMatchObject({ state: 'ready', error: { code: 'interrupted' } })
  expect((await w.wake(jobId)).status).toBe(503)
})

test('while the control process is away a wake-up is answered 503, so that the queue tries again', async () => {
  const gone = await serveHttp({ fetch: () => new Response(null), port: 0, log: service.log, name: 'gone' })
  await gone.close()
  await using w = await worker(() => Promise.resolve(), { control: new URL(gone.url) })
  const answer = await w.wake('f'.repeat(64))
  expect(answer.status).toBe(503)
  expect(answer.headers.has('retry-after')).toBe(true)
})

test('a wake-up that is not signed for the service is refused', async () => {
  await using w = await worker(() => Promise.resolve())
  expect((await w.wake('')).status).toBe(422)
  const app = workerApp({
    log: service.log,
    verifyService: service.options.verifyService,
    control: new URL(control.url),
    sign: service.serviceToken,
    handlers: { [KIND]: () => Promise.resolve() },
    drain: new AbortController().signal,
  })
  expect((await service.asService(app, 'live')(`/tasks/${KIND}`, { body: { job_id: 'x' } })).status).toBe(401)
  expect((await service.asNobody(app)(`/tasks/${KIND}`, { body: { job_id: 'x' } })).status).toBe(401)
})
