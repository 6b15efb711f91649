import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { metadataAccessTokens } from './metadata-access-token.ts'

test('a token is asked for as Google wants it, anew each time, and what is no token is none', async () => {
  const asked: unknown[] = []
  const answers = [{ access_token: 'first', expires_in: 3_599 }, { access_token: 'second' }]
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers['metadata-flavor']])
    response.end(JSON.stringify(answers[asked.length - 1] ?? { token_type: 'Bearer' }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const token = metadataAccessTokens(new URL(`http://127.0.0.1:${port}`))
  expect([await token(), await token()]).toEqual(['first', 'second'])
  const path = '/computeMetadata/v1/instance/service-accounts/default/token'
  expect(asked).toEqual([
    [path, 'Google'],
    [path, 'Google'],
  ])
  await expect(token()).rejects.toMatchObject({ code: 'service.unavailable' })
  server.close()
  server.closeAllConnections()
})
