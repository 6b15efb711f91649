import { generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { testService } from '#test/helpers/test-service.ts'
import { canaryCaller } from './canary-caller.ts'
import { oidcCallers } from './oidc-caller.ts'

const ISSUER = 'https://accounts.google.com'
const ACCOUNT = 'dev-canary@showreel-test.iam.gserviceaccount.com'

async function known() {
  const keys = await generateKeyPair('RS256')
  const stranger = await generateKeyPair('RS256')
  const service = await testService()
  const verify = canaryCaller({
    people: service.options.verifyUser,
    genuine: oidcCallers({
      issuer: ISSUER,
      jwks: () => Promise.resolve(keys.publicKey),
      callers: new Map([[ACCOUNT, 'canary']]),
      now: Date.now,
    }),
    account: ACCOUNT,
    issuer: ISSUER,
    audience: 'showreel',
  })
  const token = (claims: Record<string, unknown> = {}, key = keys.privateKey) =>
    new SignJWT({ email: ACCOUNT, email_verified: true, aud: 'showreel', ...claims })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(ISSUER)
      .setSubject('1')
      .setIssuedAt()
      .setExpirationTime('5 m')
      .sign(key)
  return { verify, token, stranger, person: () => service.userToken('alice', ['viewer']) }
}

test('the account of synthetic shows is a creator whose shows others do not see; people are who they are', async () => {
  const { verify, token, person } = await known()
  expect(await verify(await token())).toMatchObject({ kind: 'user', handle: 'canary', roles: ['creator', 'canary'] })
  expect(await verify(await person())).toMatchObject({ handle: 'alice', roles: ['viewer'] })
})

test('nobody becomes the canary by naming it', async () => {
  const { verify, token, stranger } = await known()
  const forged = [
    await token({}, stranger.privateKey),
    await token({ aud: 'channels' }),
    await token({ email_verified: false }),
    'no token',
  ]
  for (const bearer of forged) await expect(verify(bearer)).rejects.toMatchObject({ code: 'auth.invalid' })
})
