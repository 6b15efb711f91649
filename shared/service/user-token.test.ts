import { generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { serviceCalls } from './service-call.ts'
import { creatorIdOf, userTokenVerifier } from './user-token.ts'

const ISSUER = 'https://issuer.test'
let keys: Awaited<ReturnType<typeof generateKeyPair>>
let others: typeof keys
let rsa: typeof keys
beforeAll(async () => {
  keys = await generateKeyPair('EdDSA')
  others = await generateKeyPair('EdDSA')
  rsa = await generateKeyPair('PS256')
})

type Claims = {
  sub?: string
  iss?: string
  aud?: string
  exp?: number | string
  roles?: unknown
  preferred_username?: unknown
}

function token(claims: Claims = {}, key = keys.privateKey, alg = 'EdDSA'): Promise<string> {
  const { sub = 'alice', iss = ISSUER, aud = 'showreel', exp = '5 m', ...rest } = claims
  return new SignJWT(rest)
    .setProtectedHeader({ alg })
    .setIssuer(iss)
    .setAudience(aud)
    .setSubject(sub)
    .setExpirationTime(exp)
    .sign(key)
}
const verify = (bearer: string, now = Date.now) =>
  userTokenVerifier({ issuer: ISSUER, audience: 'showreel', jwks: () => Promise.resolve(keys.publicKey), now })(bearer)

describe('user tokens', () => {
  test('the same issuer and subject are the same creator, whatever else the token says', async () => {
    const principal = await verify(await token({ roles: ['creator', 'god'], preferred_username: 'Alice_1' }))
    expect(principal).toMatchObject({ kind: 'user', subject: 'alice', handle: 'Alice_1', roles: ['creator'] })
    expect(principal.id).toBe(creatorIdOf(ISSUER, 'alice'))
    expect((await verify(await token())).id).toBe(principal.id)
    expect(creatorIdOf(ISSUER, 'alicf')).not.toBe(principal.id)
    expect(creatorIdOf(`${ISSUER}a`, 'lice')).not.toBe(principal.id)
  })

  test('without usable roles a person is a viewer, without a usable name the handle is the id', async () => {
    for (const roles of [undefined, 'admin', [], ['root'], [['admin']]]) {
      expect((await verify(await token({ roles }))).roles).toEqual(['viewer'])
    }
    for (const name of [undefined, 5, '', '<script>', 'a'.repeat(65)]) {
      const { id, handle } = await verify(await token({ preferred_username: name }))
      expect(handle).toBe(id)
    }
  })

  test('every forgery is auth.invalid', async () => {
    const good = await token()
    const [header = '', payload = '', signature = ''] = good.split('.')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forgeries = [
      await token({}, others.privateKey),
      await token({ iss: 'https://evil.test' }),
      await token({ aud: 'other' }),
      await token({ sub: '' }),
      await token({ sub: 'x'.repeat(300) }),
      await token({ exp: Math.floor(Date.now() / 1000) - 120 }),
      await token({}, rsa.privateKey, 'PS256'),
      `${encode({ alg: 'none' })}.${payload}.`,
      `${encode({ alg: 'HS256' })}.${payload}.${signature}`,
      `${header}.${encode({ sub: 'root', iss: ISSUER, aud: 'showreel', exp: 9_999_999_999 })}.${signature}`,
      `${header}.${payload}`,
      good.slice(0, -4),
      'x',
      'a.b.c',
      'x'.repeat(5_000),
    ]
    for (const forgery of forgeries)
      await expect(verify(forgery), forgery).rejects.toMatchObject({ code: 'auth.invalid' })
  })

  test('a token that was good is refused once it has expired, though it was believed', async () => {
    let nowMs = Date.now()
    const verifier = userTokenVerifier({
      issuer: ISSUER,
      audience: 'showreel',
      jwks: () => Promise.resolve(keys.publicKey),
      now: () => nowMs,
    })
    const bearer = await token({ exp: Math.floor(nowMs / 1000) + 20 })
    await verifier(bearer)
    await verifier(bearer)
    nowMs += 60_000
    await expect(verifier(bearer)).rejects.toMatchObject({ code: 'auth.invalid', message: 'The token has expired.' })
  })

  test('an issuer that is away is a 503 and not a bad token', async () => {
    const verifier = userTokenVerifier({
      issuer: ISSUER,
      audience: 'showreel',
      jwks: new URL('http://127.0.0.1:9/jwks'),
    })
    await expect(verifier(await token())).rejects.toMatchObject({ code: 'service.unavailable' })
  })
})

describe('service calls', () => {
  let nowMs = Date.now()
  const options = { key: new Uint8Array(32).fill(1), issuer: 'https://showreel.test', now: () => nowMs }
  const calls = serviceCalls(options)

  test('a call is known by who signed it, for its audience and its time only', async () => {
    const bearer = await calls.sign('channels', 'bus')
    expect(await calls.verify(bearer, 'channels')).toEqual({ service: 'bus' })
    const refused = { code: 'auth.invalid' }
    await expect(calls.verify(bearer, 'live')).rejects.toMatchObject(refused)
    await expect(
      serviceCalls({ ...options, key: new Uint8Array(32).fill(2) }).verify(bearer, 'channels'),
    ).rejects.toMatchObject(refused)
    await expect(
      serviceCalls({ ...options, issuer: 'https://evil.test' }).verify(bearer, 'channels'),
    ).rejects.toMatchObject(refused)
    await expect(calls.verify(await token(), 'channels')).rejects.toMatchObject(refused)
    nowMs += 340_000
    await expect(calls.verify(bearer, 'channels')).rejects.toMatchObject(refused)
  })

  test('a token is used again while it lives long enough, and anew after', async () => {
    const first = await calls.sign('channels', 'bus')
    expect(await calls.sign('channels', 'bus')).toBe(first)
    expect(await calls.sign('live', 'bus')).not.toBe(first)
    nowMs += 200_000
    const next = await calls.sign('channels', 'bus')
    expect(next).not.toBe(first)
    expect(await calls.verify(next, 'channels')).toEqual({ service: 'bus' })
  })
})
