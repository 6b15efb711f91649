import { request } from 'node:http'
import { expect, test } from 'vitest'
import { clipClient } from '../helpers/clip-client.ts'
import { creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { markedShow } from '../helpers/marked-show.ts'
import { startPlatform } from '../helpers/platform.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { sized } from '../helpers/size.ts'

const SHOW_S = 6
const WITHIN = { withinMs: 120_000 }

type Sent = { status: number; id: string | undefined; code: string | undefined; replayed: boolean } | 'cut'

/** One POST; with `cutAfterBytes` the socket is cut when so many bytes of the answer have come, or at once for 0. */
function post(url: string, token: string, key: string, body: object, cutAfterBytes?: number): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }
    const outgoing = request(url, { method: 'POST', headers }, response => {
      const pieces: Buffer[] = []
      response.on('error', () => resolve('cut'))
      response.on('data', (piece: Buffer) => {
        pieces.push(piece)
        if (cutAfterBytes !== undefined && Buffer.concat(pieces).length >= cutAfterBytes) outgoing.destroy()
      })
      response.on('end', () => {
        const { id, code } = JSON.parse(Buffer.concat(pieces).toString()) as { id?: string; code?: string }
        const replayed = response.headers['idempotent-replayed'] === 'true'
        resolve({ status: response.statusCode ?? 0, id, code, replayed })
      })
    })
    outgoing.on('error', error => (cutAfterBytes === undefined ? reject(error) : resolve('cut')))
    outgoing.on('close', () => resolve('cut'))
    outgoing.end(JSON.stringify(body), () => {
      if (cutAfterBytes === 0) outgoing.destroy()
    })
  })
}

test('R9: a request that is sent again acts once, however many are on their way and whichever answers are cut', async () => {
  const random = seededRandom('R9')
  const requests = sized({ test: 100, prove: 500, full: 10_000 })
  await using platform = await startPlatform({ env: { WORKERS: '0' } })
  const stream = await markedShow(platform, await creatorClient(platform), SHOW_S)
  const vera = await clipClient(platform)
  const token = await platform.token('vera', ['viewer'])
  const url = `${platform.apiUrl}/v1/clips`
  let sent = 0
  let keys = 0
  while (sent < requests) {
    const key = `key-${(keys += 1)}`
    const start = random.between(0, 2_500)
    const body = { stream_id: stream.id, start_ms: start, end_ms: start + 1_000, title: key }
    const copies = random.between(1, 5)
    sent += copies
    await Promise.all(
      Array.from({ length: copies }, () =>
        post(url, token, key, body, random.between(0, 2) === 0 ? random.between(0, 200) : undefined),
      ),
    )
    // Whoever did not hear an answer asks until one comes; it is the same for everybody.
    const answer = await eventually(
      () => post(url, token, key, body),
      reply => expect(reply).toEqual(expect.objectContaining({ status: 201 })),
      WITHIN,
    )
    const again = await post(url, token, key, body)
    expect(again).toMatchObject({ status: 201, id: answer === 'cut' ? '' : answer.id, replayed: true })
  }
  const titles = (await vera.mine()).map(({ title }) => title)
  expect(titles).toHaveLength(keys)
  expect(new Set(titles).size).toBe(keys)
}, 600_000)
