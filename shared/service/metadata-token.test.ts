import { createServer } from 'node:http'
import { UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { metadataTokens } from './metadata-token.ts'

const NOW_MS = Date.parse('2026-11-21T18:00:00.000Z')
const HOUR_S = 3_600

test('a token is for its audience, asked for as Google wants it, and used again until five minutes before its end', async () => {
  let nowMs = NOW_MS
  const asked: { audience: string | null; flavor: unknown }[] = []
  const server = createServer((request, response) => {
    const audience = new URL(request.url ?? '', 'http://metadata.test').searchParams.get('audience')
    asked.push({ audience, flavor: request.headers['metadata-flavor'] })
    // The first answer is lost, as on a machine that has just started.
    if (asked.length === 1) {
      response.writeHead(503).end()
      return
    }
    const exp = Math.floor(nowMs / 1_000) + HOUR_S
    response.end(`${new UnsecuredJWT({ aud: audience ?? '', exp }).encode()}\n`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const token = metadataTokens({ url: new URL(`http://127.0.0.1:${port}`), now: () => nowMs })
  const first = await token('aws')
  expect(UnsecuredJWT.decode(first, { currentDate: new Date(nowMs) }).payload.aud).toBe('aws')
  expect(asked).toEqual([
    { audience: 'aws', flavor: 'Google' },
    { audience: 'aws', flavor: 'Google' },
  ])
  expect(await token('aws')).toBe(first)
  expect(await token('live')).not.toBe(first)
  nowMs += (HOUR_S - 299) * 1_000
  expect(await token('aws')).not.toBe(first)
  expect(asked.map(({ audience }) => audience)).toEqual(['aws', 'aws', 'live', 'aws'])
  server.close()
  server.closeAllConnections()
  await expect(token('other')).rejects.toMatchObject({ code: 'service.unavailable' })
})
