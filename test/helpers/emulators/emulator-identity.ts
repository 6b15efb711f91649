import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** Signs calls as Google does for its services, and publishes the keys; for emulators, which sign nothing. */
export type EmulatorIdentity = AsyncDisposable & {
  readonly issuer: string
  /** Where the keys are. */
  readonly jwksUrl: string
  /** An OIDC token for the audience in the account's name. */
  sign(audience: string, account: string): Promise<string>
}

const TOKEN_LIFE = '5 m'
const KEY_ID = 'emulated-1'

export async function startEmulatorIdentity(): Promise<EmulatorIdentity> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }] })
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(keys)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    issuer,
    jwksUrl: `${issuer}/keys`,
    sign: async (audience, account) =>
      await new SignJWT({ email: account, email_verified: true })
        .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(account)
        .setIssuedAt()
        .setExpirationTime(TOKEN_LIFE)
        .sign(privateKey),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
