import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** An issuer of OIDC tokens, as Google is one, with its discovery document. */
export type TokenIssuer = AsyncDisposable & {
  issuer: string
  /** Where its public keys are. */
  keysUrl: string
  /** A token in the name of an account. */
  sign(audience: string, account: string, claims?: Record<string, unknown>): Promise<string>
}

const ALGORITHM = 'RS256'
const KEY_ID = 'only'

export async function tokenIssuer(): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: ALGORITHM, kid: KEY_ID, use: 'sig' }] })
  const server = createServer((request, response) => {
    const discovery = request.url?.endsWith('/openid-configuration') === true
    const said = discovery ? JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }) : keys
    response.writeHead(200, { 'content-type': 'application/json' }).end(said)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    issuer,
    keysUrl: `${issuer}/keys`,
    sign: async (audience, email, claims = {}) =>
      await new SignJWT({ email, email_verified: true, ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(email)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
