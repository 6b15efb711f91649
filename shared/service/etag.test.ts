import { expect, test } from 'vitest'
import { testService } from '#test/helpers/test-service.ts'
import { etagOf, requireMatch } from './etag.ts'
import { serviceApp } from './service-app.ts'

test.each([
  [undefined, 200],
  ['"7"', 200],
  ['*', 200],
  ['"6", "7"', 200],
  ['"6"', 412],
  ['7', 412],
  ['W/"7"', 412],
  ['', 412],
])('If-Match: %s on version 7 answers %i', async (header, status) => {
  const service = await testService()
  const app = serviceApp(service.options)
  app.patch('/v1/me', c => {
    requireMatch(c, 7)
    c.header('etag', etagOf(8))
    return c.json({})
  })
  const headers = header === undefined ? {} : { 'if-match': header }
  const answer = await service.asUser(app, 'alice')('/v1/me', { method: 'PATCH', body: {}, headers })
  expect(answer.status).toBe(status)
  if (status === 412)
    expect(await answer.json()).toMatchObject({ code: 'version.mismatch', current_etag: '"7"', param: 'If-Match' })
  else expect(answer.headers.get('etag')).toBe('"8"')
})
