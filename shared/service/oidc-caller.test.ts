import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '#shared/domain/refusal.ts'
import { testService } from '#test/helpers/test-service.ts'
import { anyCaller, oidcCallers } from './oidc-caller.ts'
import { serviceApp } from './service-app.ts'
import { serviceCalls } from './service-call.ts'

const ISSUER = 'https://accounts.google.com'
const PUSHER = 'pusher@showreel-test.iam.gserviceaccount.com'
const NOW_S = Math.floor(Date.now() / 1000)
const HOUR_S = 3_600
const CLAIMS = {
  email: PUSHER,
  email_verified: true,
  sub: '1234',
  iss: ISSUER,
  aud: 'channels',
  iat: NOW_S,
  exp: NOW_S + HOUR_S,
}
/** One route that Pub/Sub calls, and one that Cloud Tasks does. */
const ROUTES = ['/push/channels--media', '/tasks/archive-stream']

type Keys = Awaited<ReturnType<typeof generateKeyPair>>
let keys: Keys
let others: Keys
beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true })
  others = await generateKeyPair('RS256')
})

const sign = async (
  changes: Record<string, unknown> = {},
  key: Keys['privateKey'] = keys.privateKey,
): Promise<string> => {
  const claims = Object.entries({ ...CLAIMS, ...changes }).filter(([, value]) => value !== undefined)
  return await new SignJWT(Object.fromEntries(claims)).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key)
}
const own = serviceCalls({ key: new Uint8Array(32).fill(1), issuer: 'showreel-test', now: Date.now })
const ofPublicKey = async (): Promise<string> =>
  await new SignJWT(CLAIMS)
    .setProtectedHeader({ alg: 'HS256', kid: 'k' })
    .sign(new TextEncoder().encode(await exportSPKI(keys.publicKey)))
const tampered = async (): Promise<string> => {
  const [header, , signature] = (await sign({ aud: 'clips' })).split('.')
  return [header, Buffer.from(JSON.stringify(CLAIMS)).toString('base64url'), signature].join('.')
}

const FORGED: readonly [what: string, token: () => Promise<string>][] = [
  ['is no token at all', async () => 'genuine'],
  ['is signed by a key of somebody else', async () => await sign({}, others.privateKey)],
  ['is not signed', async () => new UnsecuredJWT(CLAIMS).encode()],
  ['is signed with the public key as a secret', ofPublicKey],
  ['was changed after it was signed', tampered],
  ['comes from another issuer', async () => await sign({ iss: 'https://issuer.example' })],
  ['is for another service', async () => await sign({ aud: 'clips' })],
  ['is for several services', async () => await sign({ aud: ['channels', 'clips'] })],
  ['has run out', async () => await sign({ iat: NOW_S - HOUR_S, exp: NOW_S - 60 })],
  ['never runs out', async () => await sign({ exp: undefined })],
  ['is good for years', async () => await sign({ iat: NOW_S - 2 * HOUR_S, exp: NOW_S + 1_000 * HOUR_S })],
  ['is not valid yet', async () => await sign({ nbf: NOW_S + HOUR_S })],
  ['is of another account', async () => await sign({ email: 'worker@showreel-test.iam.gserviceaccount.com' })],
  ['is of an account that nobody verified', async () => await sign({ email_verified: false })],
  ['names no account', async () => await sign({ email: undefined })],
  ['is one of our own calls', async () => await own.sign('channels', PUSHER)],
]

const verify = oidcCallers({
  issuer: ISSUER,
  jwks: async () => keys.publicKey,
  callers: new Map([[PUSHER, 'pusher']]),
  now: Date.now,
})

async function app() {
  const service = await testService('channels', { verifyService: verify })
  const routes = serviceApp(service.options)
  const handled: string[] = []
  for (const path of ROUTES) {
    routes.post(path, c => {
      handled.push(path)
      return c.body(null, 204)
    })
  }
  const call = async (path: string, headers: Record<string, string>) =>
    await routes.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    })
  return { call, handled }
}

describe.each(ROUTES)('%s', path => {
  test('takes a genuine call, whichever way the issuer is written', async () => {
    const { call } = await app()
    for (const changes of [{}, { iss: 'accounts.google.com' }, { exp: NOW_S - 10 }])
      expect((await call(path, { authorization: `Bearer ${await sign(changes)}` })).status).toBe(204)
  })

  test.each(FORGED)('refuses a token that %s', async (_what, token) => {
    const { call, handled } = await app()
    const answer = await call(path, { authorization: `Bearer ${await token()}` })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'auth.invalid' })
    expect(handled).toEqual([])
  })

  test('refuses a call without a token', async () => {
    const { call, handled } = await app()
    expect((await call(path, {})).status).toBe(401)
    expect(handled).toEqual([])
  })
})

test('while the issuer’s keys cannot be had, nothing is said about the token', async () => {
  const away = new URL('http://127.0.0.1:9/keys')
  const asked = oidcCallers({ issuer: ISSUER, jwks: away, callers: new Map([[PUSHER, 'pusher']]), now: Date.now })
  await expect(asked(await sign(), 'channels')).rejects.toMatchObject({ code: 'service.unavailable' })
})

test('of several verifiers the one that knows the caller decides; trouble is not taken for a forgery', async () => {
  const any = anyCaller(own.verify, verify)
  expect(await any(await own.sign('channels', 'clips'), 'channels')).toEqual({ service: 'clips' })
  expect(await any(await sign(), 'channels')).toEqual({ service: 'pusher' })
  await expect(any(await sign({ aud: 'clips' }), 'channels')).rejects.toMatchObject({ code: 'auth.invalid' })
  const troubled = anyCaller(() => Promise.reject(new Refusal('service.unavailable', { detail: 'away' })), verify)
  await expect(troubled(await sign(), 'channels')).rejects.toMatchObject({ code: 'service.unavailable' })
})
