import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { queueOf } from '#shared/domain/topology.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { TaskQueue, Wake } from '#shared/ports/task-queue/task-queue.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { testService } from '#test/helpers/test-service.ts'
import { firstTime } from './inbox.ts'
import { backoffMs } from './job-backoff.ts'
import { jobPages } from './job-pages.ts'
import { jobRoutes } from './job-routes.ts'
import { sweepJobs } from './job-sweeper.ts'
import { jobStore, type JobStore } from './job-store.ts'
import { jobWakes } from './job-wakes.ts'
import { pageCursors } from './page-cursor.ts'
import { serviceApp } from './service-app.ts'
import { taskRoutes } from './task-routes.ts'

const KIND = 'archive-stream'
const { attempts, leaseS } = queueOf(KIND)
const LEASE_MS = leaseS * 1000

const effectsOf = namedQuery('job-test.effects', ['x'], (consumer: string) =>
  tables.selectFrom('inbox').select('event_key').where('consumer', '=', consumer),
)
const eventsOf = namedQuery('job-test.events', ['x'], (subject: string) =>
  tables
    .selectFrom('domain_events')
    .select(['type', 'seq', 'payload'])
    .where('subject_id', '=', subject)
    .orderBy('seq'),
)

const forgetJobs = namedQuery('job-test.forget', [], () => tables.deleteFrom('jobs'))

let database: Awaited<ReturnType<typeof recycledDatabase>>
let nowMs = Date.now()
let jobs: JobStore
let subjects = 0
let wakes: Wake[]
let queue: TaskQueue

beforeAll(async () => {
  database = await recycledDatabase()
  jobs = jobStore({ database, now: () => nowMs, random: randomBytes })
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.transaction(tx => tx.write(forgetJobs()))
  subjects += 1
  nowMs += 86_400_000
  wakes = []
  queue = { wake: wake => Promise.resolve(void wakes.push(wake)) }
})

const subject = () => `strm_${subjects}`
const add = (recipe = 'v1', notBefore?: string) =>
  database.transaction(tx =>
    jobs.add(tx, { kind: KIND, subjectId: subject(), recipe, input: { a: 1 }, ...(notBefore && { notBefore }) }),
  )
const addFor = (owner: { ownerId: string }) =>
  database.transaction(tx => {
    const recipe = String(nowMs)
    return jobs.add(tx, { kind: KIND, subjectId: subject(), recipe, input: {}, ...owner })
  })
const later = (ms: number) => (nowMs += ms)

describe('a job', () => {
  test('is named by what it does: the same work again adds nothing', async () => {
    const first = await add()
    expect(first.added).toBe(true)
    expect(await add()).toMatchObject({ jobId: first.jobId, added: false })
    expect((await add('v2')).added).toBe(true)
  })

  test('is leased by one of many at once', async () => {
    const { jobId } = await add()
    const takers = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => jobs.lease(jobId, `w${index}`)))
    const won = takers.filter(taker => taker.status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(won[0]?.value).toMatchObject({ token: 1, leaseS, job: { attempt: 1, input: { a: 1 }, state: 'leased' } })
    const lost = takers.flatMap(taker => (taker.status === 'rejected' ? [taker.reason] : []))
    expect(lost.every(reason => (reason as { code: string }).code === 'job.not-ready')).toBe(true)
  })

  test('goes on where its checkpoint is, and ends with its effects and one event', async () => {
    const { jobId } = await add()
    const first = await jobs.lease(jobId, 'a')
    await jobs.checkpoint(jobId, first.token, { done: 3 })
    later(LEASE_MS + 1)
    const second = await jobs.lease(jobId, 'b')
    expect(second).toMatchObject({ token: 2, job: { checkpoint: { done: 3 }, attempt: 2 } })
    await jobs.finish(jobId, second.token, { ok: true }, async tx => void (await firstTime(tx, 'e', subject())))
    expect(await jobs.get(jobId)).toMatchObject({ state: 'done', result: { ok: true } })
    expect(await database.read(eventsOf(subject()))).toMatchObject([
      { type: 'job.done', seq: 1, payload: { data: { attempt: 2 } } },
    ])
  })

  test('finished twice with its token has its effects once', async () => {
    const { jobId } = await add()
    const { token } = await jobs.lease(jobId, 'a')
    let effects = 0
    const finish = () => jobs.finish(jobId, token, {}, () => Promise.resolve(void (effects += 1)))
    await finish()
    await finish()
    expect(effects).toBe(1)
    expect(await database.read(eventsOf(subject()))).toHaveLength(1)
  })

  test('whose effects fail is not done, and leaves no effect', async () => {
    const { jobId } = await add()
    const { token } = await jobs.lease(jobId, 'a')
    const broken = jobs.finish(jobId, token, {}, async tx => {
      await firstTime(tx, 'half', subject())
      throw new Error('half way')
    })
    await expect(broken).rejects.toThrow('half way')
    expect(await jobs.get(jobId)).toMatchObject({ state: 'leased' })
    expect(await database.read(effectsOf(subject()))).toEqual([])
  })

  test('cannot be overwritten by a zombie, before or after the other one ends', async () => {
    const { jobId } = await add()
    const zombie = await jobs.lease(jobId, 'zombie')
    later(LEASE_MS + 1)
    const living = await jobs.lease(jobId, 'living')
    const lost = { code: 'job.lease-lost' }
    const attack = async () => {
      await expect(jobs.checkpoint(jobId, zombie.token, { stolen: true })).rejects.toMatchObject(lost)
      await expect(jobs.checkpoint(jobId, zombie.token)).rejects.toMatchObject(lost)
      await expect(jobs.fail(jobId, zombie.token, { message: 'x' }, false)).rejects.toMatchObject(lost)
      const stolen = jobs.finish(
        jobId,
        zombie.token,
        'stolen',
        async tx => void (await firstTime(tx, 'stolen', subject())),
      )
      await expect(stolen).rejects.toMatchObject(lost)
    }
    await attack()
    await jobs.finish(jobId, living.token, 'right')
    await attack()
    expect(await jobs.get(jobId)).toMatchObject({ state: 'done', result: 'right', checkpoint: undefined })
    expect(await database.read(effectsOf(subject()))).toEqual([])
  })

  test('comes back after a failure with growing delays, and dies when its attempts are used', async () => {
    const { jobId } = await add()
    let delayMs = 0
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const { token } = await jobs.lease(jobId, 'a')
      const left = await jobs.fail(jobId, token, { message: `failure ${attempt}`, code: 'x' }, true)
      expect(left.error).toEqual({ message: `failure ${attempt}`, code: 'x' })
      if (attempt === attempts) {
        expect(left.state).toBe('dead')
        break
      }
      expect(left.state).toBe('ready')
      delayMs = Date.parse(left.readyAt ?? '') - nowMs
      expect(delayMs).toBeGreaterThanOrEqual(2 ** (attempt - 1) * 500)
      expect(delayMs).toBeLessThanOrEqual(2 ** (attempt - 1) * 1000)
      if (delayMs > 1_000) await expect(jobs.lease(jobId, 'early')).rejects.toMatchObject({ code: 'job.not-ready' })
      later(delayMs)
    }
    expect(await database.read(eventsOf(subject()))).toMatchObject([
      { type: 'job.dead', payload: { data: { error: 'failure 5' } } },
    ])
    await expect(jobs.lease(jobId, 'a')).rejects.toMatchObject({ code: 'job.not-ready' })
  })

  test('that cannot succeed dies at once, and a retry gives it all its attempts', async () => {
    const { jobId } = await add()
    const { token } = await jobs.lease(jobId, 'a')
    await expect(jobs.retry(jobId)).rejects.toMatchObject({
      code: 'state.illegal',
      extra: { legal_moves: ['done', 'ready', 'dead'] },
    })
    expect(await jobs.fail(jobId, token, { message: 'no' }, false)).toMatchObject({ state: 'dead' })
    expect(await jobs.retry(jobId)).toMatchObject({ state: 'ready', attempt: 0, leaseToken: 2 })
    expect(await jobs.lease(jobId, 'b')).toMatchObject({ token: 3, job: { attempt: 1 } })
  })

  test('that is not there is missing', async () => {
    await expect(jobs.lease('f'.repeat(64), 'a')).rejects.toMatchObject({ code: 'resource.missing' })
    expect(await jobs.get('f'.repeat(64))).toBeUndefined()
  })

  test('a heartbeat extends the lease and keeps the checkpoint', async () => {
    const { jobId } = await add()
    const { token } = await jobs.lease(jobId, 'a')
    await jobs.checkpoint(jobId, token, { at: 1 })
    later(LEASE_MS - 1)
    await jobs.checkpoint(jobId, token)
    later(LEASE_MS - 1)
    await expect(jobs.lease(jobId, 'b')).rejects.toMatchObject({ code: 'job.not-ready' })
    expect((await jobs.get(jobId))?.checkpoint).toEqual({ at: 1 })
  })
})

describe('the sweeper', () => {
  const sweep = () => sweepJobs({ jobs, queue, now: () => nowMs })

  test('wakes a job whose wake-up got lost, under a name the queue has not seen', async () => {
    const job = await add()
    await jobWakes(queue).send([job])
    await sweep()
    expect(wakes).toHaveLength(1)
    later(31_000)
    expect(await sweep()).toEqual({ woken: 1, returned: 0, dead: 0 })
    expect(wakes[1]).toMatchObject({ jobId: job.jobId, queue: KIND })
    expect(wakes[1]?.attempt).not.toBe(wakes[0]?.attempt)
    const { token } = await jobs.lease(job.jobId, 'a')
    await jobs.finish(job.jobId, token, null)
  })

  test('takes a job back from a worker that stopped, and buries it after its last attempt', async () => {
    const { jobId } = await add()
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      await jobs.lease(jobId, 'dies')
      later(LEASE_MS + 1)
      const last = attempt === attempts
      expect(await sweep()).toEqual({ woken: 0, returned: last ? 0 : 1, dead: last ? 1 : 0 })
      if (!last) expect(wakes.at(-1)).toMatchObject({ jobId, attempt })
      later(60_000)
    }
    expect(await jobs.get(jobId)).toMatchObject({ state: 'dead', error: { code: 'lease-expired' } })
    expect(await database.read(eventsOf(subject()))).toHaveLength(1)
  })

  test('leaves a job alone that is to run later', async () => {
    await add('later', new Date(nowMs + 3_600_000).toISOString())
    later(31_000)
    expect(await sweep()).toEqual({ woken: 0, returned: 0, dead: 0 })
  })
})

describe('the worker protocol', () => {
  async function start() {
    const service = await testService('channels')
    const app = serviceApp(service.options)
    jobRoutes(app, {
      service: 'channels',
      jobs,
      queue,
      prepare: { [KIND]: job => Promise.resolve({ url: `https://objects.test/${job.subjectId}` }) },
      finish: { [KIND]: async (tx, _, result) => void (await firstTime(tx, String(result), subject())) },
    })
    jobPages(app, { jobs, queue, cursors: pageCursors(new Uint8Array(32).fill(3)) })
    const call = service.asService(app, 'channels', 'worker')
    return {
      ...service,
      app,
      call: (id: string, verb: string, body: unknown) => call(`/internal/channels/jobs/${id}/${verb}`, { body }),
    }
  }

  test('lease, checkpoint and finish, with what the service prepares and what it commits', async () => {
    const { call } = await start()
    const { jobId } = await add()
    expect(await (await call(jobId, 'lease', { owner: 'w' })).json()).toMatchObject({
      token: 1,
      lease_s: leaseS,
      job: { id: jobId, kind: KIND, subject_id: subject(), attempt: 1, input: { a: 1 } },
      payload: { url: `https://objects.test/${subject()}` },
    })
    expect((await call(jobId, 'checkpoint', { token: 1, data: { n: 1 } })).status).toBe(204)
    expect((await call(jobId, 'finish', { token: 1, result: 'made' })).status).toBe(204)
    expect((await call(jobId, 'finish', { token: 1, result: 'made' })).status).toBe(204)
    expect((await call(jobId, 'checkpoint', { token: 1 })).status).toBe(409)
    expect(await database.read(effectsOf(subject()))).toEqual([{ event_key: 'made' }])
  })

  test('jobs that an effect asks for are woken when it is committed', async () => {
    const service = await testService('channels')
    const app = serviceApp(service.options)
    const next = (tx: Transaction) => jobs.add(tx, { kind: KIND, subjectId: subject(), recipe: 'next', input: {} })
    jobRoutes(app, { service: 'channels', jobs, queue, prepare: {}, finish: { [KIND]: async tx => [await next(tx)] } })
    const { jobId } = await add()
    const { token } = await jobs.lease(jobId, 'w')
    await service.asService(app, 'channels')(`/internal/channels/jobs/${jobId}/finish`, { body: { token } })
    expect(wakes).toMatchObject([{ queue: KIND, attempt: 0 }])
    expect(await jobs.get(wakes[0]?.jobId ?? '')).toMatchObject({ state: 'ready' })
  })

  test('a failure is put back and woken for its next attempt', async () => {
    const { call } = await start()
    const { jobId } = await add()
    await call(jobId, 'lease', { owner: 'w' })
    const failed = await call(jobId, 'fail', { token: 1, error: { message: 'no' }, retryable: true })
    expect(await failed.json()).toEqual({ state: 'ready' })
    expect(wakes).toMatchObject([{ jobId, attempt: 1 }])
    expect(Date.parse(wakes[0]?.notBefore ?? '')).toBeGreaterThan(nowMs)
  })

  test('a person sees only their own jobs, newest first, and may retry a dead one', async () => {
    const { app, asUser, call, idOf } = await start()
    const mine = { ownerId: idOf(subject()) }
    const jobId = (await addFor(mine)).jobId
    nowMs += 1_000
    const second = (await addFor(mine)).jobId
    await call(jobId, 'lease', { owner: 'w' })
    await call(jobId, 'fail', { token: 1, error: { message: 'no' }, retryable: false })
    const owner = asUser(app, subject())
    const dead = { id: jobId, state: 'dead', error: { message: 'no' } }
    expect(await (await owner(`/v1/jobs/${jobId}`)).json()).toMatchObject(dead)
    const first = (await (await owner('/v1/jobs?limit=1')).json()) as { data: unknown[]; next_cursor: string }
    expect(first).toMatchObject({ data: [{ id: second, state: 'ready' }], has_more: true })
    const rest = await (await owner(`/v1/jobs?limit=1&cursor=${first.next_cursor}`)).json()
    expect(rest).toMatchObject({ data: [dead], has_more: false })
    expect(await (await owner('/v1/jobs?state=dead')).json()).toMatchObject({ data: [dead] })
    expect(await (await asUser(app, 'mallory')('/v1/jobs')).json()).toMatchObject({ data: [] })
    expect((await asUser(app, 'mallory')(`/v1/jobs/${jobId}`)).status).toBe(404)
    expect((await asUser(app, 'mallory')(`/v1/jobs/${jobId}/retry`, { method: 'POST' })).status).toBe(404)
    expect((await asUser(app, 'root', ['admin'])(`/v1/jobs/${jobId}`)).status).toBe(200)
    expect((await owner(`/v1/jobs/${jobId}/retry`, { method: 'POST' })).status).toBe(202)
    expect(wakes.at(-1)).toMatchObject({ jobId, attempt: 2 })
    expect((await owner(`/v1/jobs/${jobId}/retry`, { method: 'POST' })).status).toBe(409)
  })

  test('wrong bodies are refused by field', async () => {
    const { call } = await start()
    const { jobId } = await add()
    expect(await (await call(jobId, 'lease', {})).json()).toMatchObject({ status: 422, param: '/owner' })
    expect(await (await call(jobId, 'finish', { token: 'one' })).json()).toMatchObject({ status: 422, param: '/token' })
    expect((await call('nothing', 'lease', { owner: 'w' })).status).toBe(404)
  })
})

describe('taskRoutes', () => {
  async function task(run: Parameters<typeof taskRoutes>[2]) {
    const service = await testService('channels')
    const app = serviceApp(service.options)
    taskRoutes(app, KIND, run, { jobs, queue })
    return (jobId: string) => service.asService(app, 'channels', 'queue')(`/tasks/${KIND}`, { body: { job_id: jobId } })
  }

  test('runs a job once, however often it is woken', async () => {
    let runs = 0
    const wake = await task(() => Promise.resolve(void (runs += 1)))
    const { jobId } = await add()
    const statuses = await Promise.all([wake(jobId), wake(jobId), wake(jobId)])
    expect(statuses.map(({ status }) => status)).toEqual([204, 204, 204])
    expect(runs).toBe(1)
    expect((await wake('f'.repeat(64))).status).toBe(204)
  })

  test('commits effects with the end, and puts a failed run back', async () => {
    let fail = true
    const wake = await task(async job => {
      if (fail) throw new Error('not yet')
      return { result: job.attempt, effects: async tx => void (await firstTime(tx, 'done', subject())) }
    })
    const { jobId } = await add()
    await wake(jobId)
    expect(await jobs.get(jobId)).toMatchObject({ state: 'ready', error: { message: 'not yet' } })
    expect(wakes).toHaveLength(1)
    fail = false
    later(5_000)
    await wake(jobId)
    expect(await jobs.get(jobId)).toMatchObject({ state: 'done', result: 2 })
    expect(await database.read(effectsOf(subject()))).toHaveLength(1)
  })
})

test('backoff stays within its queue for any chance', () => {
  const bounds = { backoffMinS: 1, backoffMaxS: 60 }
  for (const byte of [0, 127, 255]) {
    for (let attempt = 1; attempt < 50; attempt += 1) {
      const ms = backoffMs(bounds, attempt, length => new Uint8Array(length).fill(byte))
      expect(ms).toBeGreaterThanOrEqual(500)
      expect(ms).toBeLessThanOrEqual(60_000)
    }
  }
})
