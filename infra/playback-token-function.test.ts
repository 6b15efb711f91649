import * as crypto from 'node:crypto'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { playbackTokenInput, playbackTokenPrefix } from '#shared/domain/playback-token.ts'
import { playbackTokens } from '#shared/service/playback-tokens.ts'
import { PLAYBACK_TOKEN_FUNCTION } from './playback-token-function.ts'

type Request = { uri: string }
type Refusal = { statusCode: number; headers: Record<string, { value: string }> }
type Handler = (event: { request: Request }) => Promise<Request | Refusal>

const SECRET = 'a secret of the edge, thirty-two bytes long'
const NOW_S = 1_800_000_000
const LATER = String(NOW_S + 600)

/** The function's own text, run as the edge runs it: its two modules given, its clock at `NOW_S`. */
function edge(stored: Record<string, string>, broken = false): Handler {
  const store = {
    exists: async (key: string) => {
      if (broken) throw new Error('unreachable')
      return key in stored
    },
    get: async (key: string) => stored[key],
  }
  const modules = { cloudfront: { kvs: () => store }, crypto }
  const code = PLAYBACK_TOKEN_FUNCTION.replaceAll(/^import (\w+) from '(\w+)';$/gmu, "const $1 = modules['$2'];")
  const Date = { now: () => NOW_S * 1000 }
  return runInNewContext(`${code}; handler`, { modules, Date }) as Handler
}

function signedPath(path: string, id: string, { exp = LATER, kid = 'k1', secret = SECRET } = {}): string {
  const hmac = crypto
    .createHmac('sha256', secret)
    .update(playbackTokenInput({ exp, kid, playbackId: id }))
    .digest('base64url')
  return `${playbackTokenPrefix({ exp, kid, hmac })}${path}`
}

const STORED = { 'key:k1': SECRET, 'id:mine': 'private', 'id:gone': 'denied' }
const ask = (uri: string, stored: Record<string, string> = STORED) => edge(stored)({ request: { uri } })
const refusedFor = async (uri: string) => {
  const answer = (await ask(uri)) as Refusal
  return [answer.statusCode, answer.headers['x-showreel-refused']?.value, answer.headers['cache-control']?.value]
}

test('what is public plays without a token', async () => {
  expect(await ask('/play/open/master.m3u8')).toEqual({ uri: '/play/open/master.m3u8' })
  expect(await ask('/live/open/v1/720p/3.m4s')).toEqual({ uri: '/live/open/v1/720p/3.m4s' })
})

test('a token that was signed opens its playback id, and is cut off', async () => {
  for (const path of ['/live/mine/master.m3u8', '/play/mine/v2/clip.mp4']) {
    expect(await ask(signedPath(path, 'mine'))).toEqual({ uri: path })
  }
})

test('the edge opens what the product mints, with the secret in its store as text, for as long as it says', async () => {
  const secret = new Uint8Array(32).fill(5)
  const tokens = playbackTokens(secret, () => NOW_S * 1000)
  const stored = { 'id:mine': 'private', [`key:${tokens.kid}`]: Buffer.from(secret).toString('base64url') }
  const minted = (expS: number, id: string) => `${tokens.mint(id, expS)}/play/${id}/master.m3u8`
  expect(await ask(minted(NOW_S + 60, 'mine'), stored)).toEqual({ uri: '/play/mine/master.m3u8' })
  expect(await ask(minted(NOW_S - 1, 'mine'), stored)).toMatchObject({ statusCode: 403 })
  expect(await ask(minted(NOW_S + 60, 'other').replaceAll('other', 'mine'), stored)).toMatchObject({ statusCode: 403 })
})

test('what is private needs a token, what is denied is refused with one', async () => {
  expect(await refusedFor('/play/mine/master.m3u8')).toEqual([403, 'token.missing', 'no-store'])
  expect(await refusedFor('/play/gone/master.m3u8')).toEqual([403, 'playback.denied', 'no-store'])
  expect(await refusedFor(signedPath('/play/gone/master.m3u8', 'gone'))).toEqual([403, 'playback.denied', 'no-store'])
})

test('a token that is old, of an unknown key, forged, or of another id opens nothing', async () => {
  const path = '/play/mine/master.m3u8'
  expect((await refusedFor(signedPath(path, 'mine', { exp: String(NOW_S - 1) })))[1]).toBe('token.expired')
  expect((await refusedFor(signedPath(path, 'mine', { kid: 'k2' })))[1]).toBe('token.unknown-key')
  expect((await refusedFor(signedPath(path, 'mine', { secret: 'guessed' })))[1]).toBe('token.forged')
  expect((await refusedFor(signedPath(path, 'open')))[1]).toBe('token.forged')
  expect((await refusedFor(`/t/short${path}`))[1]).toBe('token.malformed')
  expect((await refusedFor(signedPath('/plane/mine/x', 'mine')))[1]).toBe('token.malformed')
})

test('no other expiry, key, signature or id passes with a token that was signed', async () => {
  const good = signedPath('/play/mine/master.m3u8', 'mine')
  const position = fc.integer({ min: 3, max: good.indexOf('/play/') - 1 })
  await fc.assert(
    fc.asyncProperty(position, fc.constantFrom(...'0123456789abcXYZ_-.'.split('')), async (at, character) => {
      const changed = `${good.slice(0, at)}${character}${good.slice(at + 1)}`
      fc.pre(changed !== good)
      expect(await ask(changed)).toHaveProperty('statusCode', 403)
    }),
  )
})

test('a store that cannot be read refuses everything', async () => {
  const answer = await edge(STORED, true)({ request: { uri: '/play/open/master.m3u8' } })
  expect(answer).toMatchObject({ statusCode: 503, headers: { 'x-showreel-refused': { value: 'playback.unknown' } } })
})

test('the function fits in what CloudFront takes, 10 KB', () => {
  expect(Buffer.byteLength(PLAYBACK_TOKEN_FUNCTION)).toBeLessThan(10 * 1024)
})
