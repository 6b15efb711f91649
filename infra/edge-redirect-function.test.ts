import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { EDGE_REDIRECT_FUNCTION } from './edge-redirect-function.ts'

type Response = { statusCode: number; headers: Record<string, { value: string }> }
type Handler = (event: { request: { uri: string }; response: Response }) => Response

const handler = runInNewContext(`${EDGE_REDIRECT_FUNCTION}; handler`, {}) as Handler
const stored = (uri: string, target: string) =>
  handler({
    request: { uri },
    response: { statusCode: 200, headers: { 'x-amz-website-redirect-location': { value: target } } },
  })

test('a stored redirect is a 302 that resolves to its target, and keeps a token before the path', () => {
  for (const uri of ['/play/abc/clip.mp4', '/t/1800000000.k1.hmac/play/abc/clip.mp4']) {
    const answer = stored(uri, '/play/abc/v2/clip.mp4')
    expect(answer.statusCode).toBe(302)
    const resolved = new URL(answer.headers['location']?.value ?? '', `https://media.example${uri}`).pathname
    expect(resolved).toBe(uri.replace('abc/', 'abc/v2/'))
  }
  const up = stored('/play/abc/v1/a/clip.mp4', '/play/other/x.mp4').headers['location']?.value ?? ''
  expect(new URL(up, 'https://media.example/play/abc/v1/a/clip.mp4').pathname).toBe('/play/other/x.mp4')
})

test('nothing leads out of what viewers may see, and the storage header is never shown', () => {
  for (const target of ['https://elsewhere.example/x', '/uploads/secret', '//elsewhere.example/play/']) {
    expect(stored('/play/abc/clip.mp4', target)).toEqual({ statusCode: 200, headers: {} })
  }
})

test('an answer without a redirect is left alone', () => {
  const response = { statusCode: 206, headers: { etag: { value: 'x' } } }
  expect(handler({ request: { uri: '/play/a/b' }, response })).toEqual({
    statusCode: 206,
    headers: { etag: { value: 'x' } },
  })
})
