import { createPrivateKey, createPublicKey } from 'node:crypto'
import { exportJWK, type JWK, SignJWT } from 'jose'

/** Who a token speaks for. */
export type TokenClaims = { sub: string; roles: readonly string[]; preferredUsername?: string }

/** The identity provider of one machine: signs user tokens and publishes its key set. */
export type EmbeddedIssuer = {
  readonly issuer: string
  readonly jwks: { keys: JWK[] }
  token(claims: TokenClaims): Promise<string>
}

export const USER_AUDIENCE = 'showreel'
const TOKEN_TTL_S = 12 * 3600
const SEED_BYTES = 32
/** DER of a PKCS #8 Ed25519 key up to its 32-byte seed (RFC 8410 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** `seed` (Secrets `issuer`) makes the same key in every run, so tokens outlive a restart. */
export async function embeddedIssuer(options: { issuer: string; seed: Uint8Array }): Promise<EmbeddedIssuer> {
  const der = Buffer.concat([PKCS8_ED25519, options.seed.subarray(0, SEED_BYTES)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const kid = 'local-1'
  const publicJwk = { ...(await exportJWK(createPublicKey(key))), kid, alg: 'EdDSA', use: 'sig' }
  return {
    issuer: options.issuer,
    jwks: { keys: [publicJwk] },
    token: ({ sub, roles, preferredUsername }) =>
      new SignJWT({ roles: [...roles], preferred_username: preferredUsername ?? sub })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
        .setIssuer(options.issuer)
        .setAudience(USER_AUDIENCE)
        .setSubject(sub)
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_TTL_S}s`)
        .sign(key),
  }
}
