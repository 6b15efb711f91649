import { z } from 'zod'
import { createRoute } from '@hono/zod-openapi'
import { describe, expect, test } from 'vitest'
import { Refusal, type RefusalCode, REFUSALS } from '#shared/domain/refusal.ts'
import { DatabaseError } from '#shared/ports/database/database.ts'
import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'
import { testService } from '#test/helpers/test-service.ts'
import { memoryCounters } from '#shared/ports/counters/memory-counters.ts'
import { rateLimit } from './rate-limit.ts'
import { serviceApp } from './service-app.ts'

const createChannel = createRoute({
  method: 'post',
  path: '/v1/channels',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ title: z.string().max(10) }) } },
    },
  },
  responses: {
    201: { description: 'made', content: { 'application/json': { schema: z.object({ title: z.string() }) } } },
  },
})
const listStreams = createRoute({
  method: 'get',
  path: '/v1/streams',
  request: { query: z.strictObject({ limit: z.coerce.number().int().min(1).default(20) }) },
  responses: {
    200: { description: 'list', content: { 'application/json': { schema: z.object({ limit: z.number() }) } } },
  },
})

async function start(failure?: () => unknown) {
  const service = await testService('channels')
  const app = serviceApp(service.options)
  app.openapi(createChannel, c => c.json(c.req.valid('json'), 201))
  app.openapi(listStreams, c => c.json(c.req.valid('query'), 200))
  app.get('/v1/me', c => c.json({ principal: c.get('principal') }))
  app.get('/v1/channels/:id', c => c.json({ principal: c.get('principal') }))
  app.post('/push/channels--media', async c => c.json({ bytes: (await c.req.text()).length, by: c.get('principal') }))
  app.post('/tasks/close-reconnect-window', c => c.body(null, 204))
  app.get('/healthz', () => {
    throw failure?.() ?? new Error('no failure was planned')
  })
  return { ...service, app, user: service.asUser(app, 'alice'), nobody: service.asNobody(app) }
}

const problem = async (response: Response) => (await response.json()) as Record<string, unknown>

describe('policy', () => {
  test('a route that the policy does not name stops the start', async () => {
    const { options } = await testService()
    const app = serviceApp(options)
    expect(() => app.get('/v1/undeclared', c => c.body(null))).toThrow('GET /v1/undeclared has no row in ROUTE_POLICY')
    expect(() => app.all('/v1/me', c => c.body(null))).toThrow('ALL /v1/me has no row')
  })

  test('a declared path under another method stops the start too', async () => {
    const { options } = await testService()
    expect(() => serviceApp(options).delete('/v1/me', c => c.body(null))).toThrow('DELETE /v1/me')
  })

  test('each caller gets only what the table allows', async () => {
    const { app, asUser, asService, nobody, user } = await start()
    expect((await nobody('/v1/me')).status).toBe(401)
    expect((await user('/v1/me')).status).toBe(200)
    expect((await asUser(app, 'vera', ['viewer'])('/v1/channels', { body: { title: 'a' } })).status).toBe(403)
    expect((await asService(app, 'channels')('/v1/me')).status).toBe(401)
    expect((await nobody('/v1/streams')).status).toBe(200)
  })

  test('a public read knows its caller, and refuses a bad token', async () => {
    const { user, nobody, idOf } = await start()
    expect(await problem(await user('/v1/channels/x'))).toMatchObject({
      principal: { id: idOf('alice'), handle: 'alice' },
    })
    expect(await problem(await nobody('/v1/channels/x'))).toEqual({ principal: { kind: 'anonymous' } })
    expect((await nobody('/v1/channels/x', { headers: { authorization: 'Bearer forged' } })).status).toBe(401)
  })

  test('a private route takes only calls signed for its service', async () => {
    const { app, asService, user } = await start()
    const call = { body: { a: 1 } }
    expect((await user('/push/channels--media', call)).status).toBe(401)
    expect((await asService(app, 'media-events')('/push/channels--media', call)).status).toBe(401)
    expect(await problem(await asService(app, 'channels', 'bus')('/push/channels--media', call))).toMatchObject({
      by: { kind: 'service', name: 'bus' },
    })
  })
})

describe('answers', () => {
  test('every answer names its request and its trace, and carries the common headers', async () => {
    const { user, nobody } = await start()
    for (const response of [await user('/v1/me'), await nobody('/v1/me'), await nobody('/nowhere')]) {
      expect(response.headers.get('request-id')).toMatch(/^req_[a-z2-7]{26}$/u)
      expect(response.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/u)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('a trace that comes in goes on', async () => {
    const { user } = await start()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const back = (await user('/v1/me', { headers: { traceparent } })).headers.get('traceparent')
    expect(back).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/u)
    expect(back).not.toBe(traceparent)
  })

  test('an unknown path is 404, an unknown method 405 with what is allowed, HEAD answers like GET', async () => {
    const { user, nobody } = await start()
    expect(await problem(await nobody('/v1/nowhere'))).toMatchObject({ status: 404, code: 'resource.missing' })
    const wrong = await user('/v1/me', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET')
    expect((await user('/v1/me', { method: 'HEAD' })).status).toBe(200)
  })

  test.each(Object.keys(REFUSALS) as RefusalCode[])('%s answers its status as a problem', async code => {
    const { nobody } = await start(() => new Refusal(code, { detail: 'Why.', param: '/x', extra: { more: 1 } }))
    const response = await nobody('/healthz')
    const { status, retryable, title } = REFUSALS[code]
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await problem(response)).toMatchObject({
      code,
      status,
      retryable,
      title,
      detail: 'Why.',
      param: '/x',
      more: 1,
    })
    expect(response.headers.has('retry-after')).toBe(status === 503 || status === 507)
  })

  test.each([
    ['a taken unique value', new DatabaseError('conflict', 'q', 'x'), 409],
    ['a missing parent row', new DatabaseError('missing', 'q', 'x'), 404],
    ['a database that is away', new DatabaseError('unavailable', 'q', 'x'), 503],
    ['a wrong statement', new DatabaseError('invalid', 'q', 'x'), 500],
    ['a full store', new ObjectStoreError('full', 'k', 'x'), 507],
    ['a store that is away', new ObjectStoreError('unavailable', 'k', 'x'), 503],
    ['a lost compare-and-set', new ObjectStoreError('precondition', 'k', 'x'), 409],
    ['JSON that cannot be read', new SyntaxError('x'), 400],
  ])('%s maps to its status', async (_, error, status) => {
    const { nobody } = await start(() => error)
    const response = await nobody('/healthz')
    expect(response.status).toBe(status)
    expect(response.headers.has('retry-after')).toBe(status === 503 || status === 507)
  })

  test('a bug answers 500 without its message, and is logged under the request id', async () => {
    const { nobody, lines } = await start(() => new Error('the secret inside'))
    const response = await nobody('/healthz')
    const body = await problem(response)
    expect(response.status).toBe(500)
    expect(JSON.stringify(body)).not.toContain('secret inside')
    expect(lines().some(line => line.includes(String(body['request_id'])) && line.includes('the secret inside'))).toBe(
      true,
    )
  })
})

describe('requests', () => {
  test.each([
    ['malformed JSON', '{"title": ', 400, 'request.malformed'],
    ['a NUL character', '{"title": "a\\u0000b"}', 400, 'request.malformed'],
    ['half a surrogate pair', '{"title": "\\ud800"}', 400, 'request.malformed'],
    ['a name with a NUL', '{"\\u0000": 1}', 400, 'request.malformed'],
    ['too deep nesting', `{"title": ${'['.repeat(40)}${']'.repeat(40)}}`, 400, 'request.malformed'],
    ['an unknown field', '{"title": "a", "owner": "b"}', 422, 'request.invalid'],
    ['a value out of bounds', '{"title": "more than ten"}', 422, 'request.invalid'],
    ['no body', '', 400, 'request.malformed'],
    ['another JSON type', '[]', 422, 'request.invalid'],
    ['a large body', JSON.stringify({ title: 'x'.repeat(70_000) }), 413, 'request.too-large'],
  ])('%s is refused by name', async (_, body, status, code) => {
    const { user } = await start()
    expect(await problem(await user('/v1/channels', { body }))).toMatchObject({ status, code })
  })

  test('an invalid field is named as a pointer, an invalid parameter by its name', async () => {
    const { user } = await start()
    expect(await problem(await user('/v1/channels', { body: { title: 3 } }))).toMatchObject({ param: '/title' })
    expect(await problem(await user('/v1/channels', { body: { title: 'a', extra: 1 } }))).toMatchObject({
      param: '/extra',
    })
    expect(await problem(await user('/v1/streams?limit=none'))).toMatchObject({ param: 'limit', status: 422 })
    expect(await problem(await user('/v1/streams?sort=up'))).toMatchObject({ param: 'sort', status: 422 })
  })

  test('another content type is refused', async () => {
    const { user } = await start()
    const response = await user('/v1/channels', { body: 'title=a', headers: { 'content-type': 'text/plain' } })
    expect(await problem(response)).toMatchObject({ status: 415, code: 'request.unsupported-type' })
  })

  test.each([
    ['a NUL', '/v1/channels/%00'],
    ['an escape that is not UTF-8', '/v1/channels/%ff'],
    ['too many characters', `/v1/channels/${'x'.repeat(5_000)}`],
  ])('a URL with %s is refused', async (_, path) => {
    const { nobody } = await start()
    expect((await nobody(path)).status).toBe(400)
  })

  test('a push may be larger than a public body, within its own bound', async () => {
    const { app, asService } = await start()
    const call = asService(app, 'channels')
    expect((await call('/push/channels--media', { body: 'x'.repeat(1_000_000) })).status).toBe(400)
    expect((await call('/push/channels--media', { body: JSON.stringify('x'.repeat(1_000_000)) })).status).toBe(200)
    expect((await call('/push/channels--media', { body: JSON.stringify('x'.repeat(1_600_000)) })).status).toBe(413)
  })

  test('a rate limit tells what is left and then refuses', async () => {
    const service = await testService('channels', {
      rateLimit: rateLimit({ counters: memoryCounters({ now: Date.now }), requests: 2, windowS: 60 }),
    })
    const app = serviceApp(service.options)
    app.get('/v1/me', c => c.json({}))
    const user = service.asUser(app, 'alice')
    expect((await user('/v1/me')).headers.get('ratelimit')).toMatch(/^limit=2, remaining=1, reset=60$/u)
    await user('/v1/me')
    const refused = await user('/v1/me')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await service.asUser(app, 'bob')('/v1/me')).status).toBe(200)
  })

  test('while draining, tasks go elsewhere and requests are answered', async () => {
    const { app, asService, user, drain } = await start()
    const task = () => asService(app, 'channels')('/tasks/close-reconnect-window', { body: {} })
    expect((await task()).status).toBe(204)
    drain()
    expect(await problem(await task())).toMatchObject({ status: 503, code: 'service.draining' })
    expect((await user('/v1/me')).status).toBe(200)
  })

  test('no log line holds a token or a secret field', async () => {
    const { user, userToken, lines, log } = await start(() => new Error('boom'))
    const token = await userToken('alice')
    await user('/healthz')
    log.info(
      { headers: { authorization: `Bearer ${token}` }, secret: 'sk_live_1', stream_key: 'sk_live_2' },
      'a test line',
    )
    expect(lines().join('')).not.toMatch(new RegExp(`${token}|sk_live`, 'u'))
  })
})
