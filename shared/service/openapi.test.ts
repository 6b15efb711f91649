import { createRoute, z } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { testService } from '#test/helpers/test-service.ts'
import { docsRoutes, openApiDocument } from './openapi.ts'
import { serviceApp } from './service-app.ts'

const json = (schema: z.ZodType) => ({ description: 'it', content: { 'application/json': { schema } } })
const getMe = createRoute({ method: 'get', path: '/v1/me', responses: { 200: json(z.object({ id: z.string() })) } })
const getStream = createRoute({
  method: 'get',
  path: '/v1/streams/{id}',
  request: { params: z.strictObject({ id: z.string() }) },
  responses: { 200: json(z.object({ id: z.string() })) },
})

async function start() {
  const service = await testService()
  const channels = serviceApp(service.options)
  channels.openapi(getMe, c => c.json({ id: 'x' }, 200))
  channels.post('/push/channels--media', c => c.body(null, 204))
  const library = serviceApp(service.options)
  library.openapi(getStream, c => c.json({ id: c.req.valid('param').id }, 200))
  const docs = serviceApp(service.options)
  docsRoutes(docs, () => openApiDocument(channels, library))
  return service.asNobody(docs)
}

test('one document holds the public routes of all apps, who may call them, and how they fail', async () => {
  const get = await start()
  const document = (await (await get('/openapi.json')).json()) as {
    openapi: string
    paths: Record<string, Record<string, { security: unknown; responses: Record<string, unknown> }>>
  }
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toEqual(['/v1/me', '/v1/streams/{id}'])
  expect(document.paths['/v1/me']?.['get']).toMatchObject({
    security: [{ user: [] }],
    responses: {
      default: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  })
  expect(document.paths['/v1/streams/{id}']?.['get']?.security).toEqual([{}, { user: [] }])
})

test('the page and all it loads come from here, under a policy that allows nothing else', async () => {
  const get = await start()
  const page = await get('/docs')
  const html = await page.text()
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(html).not.toMatch(/https?:\/\/|<script>|onload=/u)
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/gu)].map(([, path]) => String(path))
  expect(loaded).toHaveLength(3)
  for (const path of loaded) {
    const asset = await get(path)
    expect(asset.status, path).toBe(200)
    expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(50)
  }
  expect((await get('/docs/package.json')).status).toBe(404)
  expect((await get('/docs/..%2fpackage.json')).status).toBe(404)
})
