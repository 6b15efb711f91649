import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { testService } from '#test/helpers/test-service.ts'
import { commitOnce } from './commit-once.ts'
import { idempotency } from './idempotency.ts'
import { firstTime } from './inbox.ts'
import { type ServiceApp, serviceApp } from './service-app.ts'

const SEALING_KEY = new Uint8Array(32).fill(3)
const SECRET = 'live_secret_told_once'

const allKeys = namedQuery('idempotency-test.rows', [], () => tables.selectFrom('idempotency_keys').selectAll())
const allSeen = namedQuery('idempotency-test.effects', ['x'], (consumer: string) =>
  tables.selectFrom('inbox').select('event_key').where('consumer', '=', consumer),
)

let database: Awaited<ReturnType<typeof recycledDatabase>>
let service: Awaited<ReturnType<typeof testService>>
let nowMs = Date.now()
/** How the handler behaves next. */
let behave: () => Promise<void>
let ran = 0

beforeAll(async () => {
  database = await recycledDatabase()
  service = await testService()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => {
  ran = 0
  behave = () => Promise.resolve()
  nowMs += 100_000_000
})

function middlewareApp(): ServiceApp {
  const app = serviceApp(service.options)
  const once = idempotency({ database, sealingKey: SEALING_KEY, now: () => nowMs })
  app.post('/v1/channels', once, async c => {
    ran += 1
    await behave()
    c.header('location', '/v1/channels/1')
    return c.json({ run: ran, secret: SECRET }, 201)
  })
  return app
}

function transactionApp(): ServiceApp {
  const app = serviceApp(service.options)
  const commit = commitOnce({ database, sealingKey: SEALING_KEY, now: () => nowMs })
  app.post('/v1/channels', c =>
    commit(c, async tx => {
      ran += 1
      await firstTime(tx, `effect-${ran}-${nowMs}`, `test-${nowMs}`)
      await behave()
      return { status: 201, body: { run: ran, secret: SECRET }, headers: { location: '/v1/channels/1' } }
    }),
  )
  return app
}

describe.each([
  ['the middleware', middlewareApp],
  ['commitOnce', transactionApp],
])('%s', (_, make) => {
  const send = (app: ServiceApp, key: string, body: unknown = { a: 1 }, sub = 'alice') =>
    service.asUser(app, sub)('/v1/channels', { body, headers: { 'idempotency-key': key } })

  test('a repeated request is answered alike and acts once', async () => {
    const app = make()
    const first = await send(app, 'k1')
    const again = await send(app, 'k1')
    expect(first.status).toBe(201)
    expect(first.headers.has('idempotent-replayed')).toBe(false)
    expect(again.status).toBe(201)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.headers.get('location')).toBe('/v1/channels/1')
    expect(again.headers.get('content-type')).toContain('application/json')
    expect(await again.text()).toBe(await first.text())
    expect(ran).toBe(1)
  })

  test('another body under the key is refused', async () => {
    const app = make()
    await send(app, 'k2')
    const other = await send(app, 'k2', { a: 2 })
    expect(other.status).toBe(422)
    expect(await other.json()).toMatchObject({ code: 'idempotency.key-reused', param: 'Idempotency-Key' })
  })

  test('the key of one caller is not the key of another', async () => {
    const app = make()
    await send(app, 'k3')
    expect((await send(app, 'k3', { a: 1 }, 'bob')).headers.has('idempotent-replayed')).toBe(false)
    expect(ran).toBe(2)
  })

  test('one to five parallel sends act once, whoever wins', async () => {
    const app = make()
    for (let sends = 1; sends <= 5; sends += 1) {
      ran = 0
      const answers = await Promise.all(Array.from({ length: sends }, () => send(app, `parallel-${sends}-${nowMs}`)))
      expect(ran).toBe(1)
      const statuses = answers.map(answer => answer.status)
      expect(statuses).toContain(201)
      expect(statuses.every(status => status === 201 || status === 409)).toBe(true)
      expect((await send(app, `parallel-${sends}-${nowMs}`)).headers.get('idempotent-replayed')).toBe('true')
      expect(ran).toBe(1)
    }
  })

  test('a 5xx and a refusal that passes are not kept', async () => {
    const app = make()
    const failures = [
      new Error('bug'),
      new Refusal('service.unavailable', { detail: 'away' }),
      new Refusal('state.illegal', { detail: 'not now' }),
    ]
    for (const [index, failure] of failures.entries()) {
      behave = () => Promise.reject(failure)
      expect((await send(app, `k5-${index}`)).status).toBeGreaterThanOrEqual(409)
      behave = () => Promise.resolve()
      expect((await send(app, `k5-${index}`)).status).toBe(201)
    }
  })

  test('after 24 hours the key is new', async () => {
    const app = make()
    await send(app, 'k6')
    nowMs += 86_400_001
    expect((await send(app, 'k6', { a: 2 })).status).toBe(201)
    expect(ran).toBe(2)
  })

  test('no answer and no key lies in clear in the database', async () => {
    await send(make(), 'raw-key-k7')
    const stored = JSON.stringify(await database.read(allKeys()))
    expect(stored).not.toContain(SECRET)
    expect(stored).not.toContain('raw-key-k7')
    expect(stored).not.toContain(Buffer.from(SECRET).toString('base64').slice(2, -4))
  })

  test.each(['', 'with space', 'x'.repeat(256)])('the key %j is refused', async key => {
    const answer = await send(make(), key)
    expect(await answer.json()).toMatchObject({ status: 422, code: 'request.invalid', param: 'Idempotency-Key' })
    expect(ran).toBe(0)
  })

  test('without the header every request acts', async () => {
    const user = service.asUser(make(), 'alice')
    await user('/v1/channels', { body: {} })
    await user('/v1/channels', { body: {} })
    expect(ran).toBe(2)
  })
})

describe('the middleware after a crash', () => {
  test('a request that never ended blocks its key for 60 s and then frees it', async () => {
    const app = middlewareApp()
    const send = () =>
      service.asUser(app, 'alice')('/v1/channels', { body: {}, headers: { 'idempotency-key': 'crash' } })
    // The handler never answers: to the database that is what a dead process looks like.
    let resume = () => {}
    behave = () => new Promise(resolve => (resume = resolve))
    const dead = send()
    await expect.poll(() => ran).toBe(1)
    behave = () => Promise.resolve()
    nowMs += 59_000
    const early = await send()
    expect(early.status).toBe(409)
    expect(await early.json()).toMatchObject({ code: 'idempotency.in-flight', retryable: true })
    nowMs += 2_000
    expect(await (await send()).json()).toMatchObject({ run: 2 })
    // Waking up, the old request may not overwrite the answer of the one that took its place.
    resume()
    await dead
    expect(await (await send()).json()).toMatchObject({ run: 2 })
  })
})

describe('commitOnce', () => {
  test('an effect that fails leaves neither rows nor a used key', async () => {
    const app = transactionApp()
    behave = () => Promise.reject(new Error('died before the commit'))
    const send = () =>
      service.asUser(app, 'alice')('/v1/channels', { body: {}, headers: { 'idempotency-key': 'half' } })
    expect((await send()).status).toBe(500)
    expect(await database.read(allSeen(`test-${nowMs}`))).toEqual([])
    behave = () => Promise.resolve()
    expect((await send()).status).toBe(201)
    expect(await database.read(allSeen(`test-${nowMs}`))).toHaveLength(1)
  })
})
