import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Clock } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { VerifyService } from './service-call.ts'

export type OidcCallerOptions = {
  /** `https://accounts.google.com` in the clouds. */
  issuer: string
  /** Where the issuer publishes its keys, or a function that has them. */
  jwks: URL | JWTVerifyGetKey
  /** The service accounts that may call, by e-mail, and the name each is known by. */
  callers: ReadonlyMap<string, string>
  now: Clock
}

const ALGORITHMS = ['RS256']
const TOLERANCE_S = 30
/** The longest a token is good for, in s; Google's live an hour. */
const TOKEN_S_MAX = 3_600
const TOKEN_CHARACTERS_MAX = 4_096
/** Longest wait for the issuer's keys, in ms. */
const KEYS_MS_MAX = 5_000
/** Google writes its issuer both ways. */
const SCHEME = /^https:\/\//

/**
 * Verifies the OIDC tokens by which a cloud's services call ours: pushes of Pub/Sub, calls of Cloud Tasks, other services.
 *
 * Genuine is what the issuer signed, for this audience, in the verified name of an account that may call, and not run out.
 * Throws the refusal `auth.invalid`, or `service.unavailable` when the issuer's keys cannot be had.
 */
export function oidcCallers({ issuer, jwks, callers, now }: OidcCallerOptions): VerifyService {
  const keys = jwks instanceof URL ? createRemoteJWKSet(jwks, { timeoutDuration: KEYS_MS_MAX }) : jwks
  const issuers = [issuer, issuer.replace(SCHEME, '')]

  return async (bearer, audience) => {
    if (bearer.length > TOKEN_CHARACTERS_MAX) throw notGenuine()
    const payload = await verified(bearer, keys, { issuer: issuers, audience, currentDate: new Date(now()) })
    const { email, email_verified: isVerified, aud } = payload
    // A token for several audiences could be passed on by any of them.
    if (typeof aud !== 'string') throw notGenuine()
    const service = typeof email === 'string' && isVerified === true ? callers.get(email) : undefined
    if (service === undefined) throw notGenuine()
    return { service }
  }
}

/** Takes a call when one of the verifiers does; the refusal is the last one's. */
export function anyCaller(first: VerifyService, ...others: readonly VerifyService[]): VerifyService {
  return async (bearer, audience) => {
    let verify = first
    for (const next of others) {
      try {
        return await verify(bearer, audience)
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'auth.invalid') throw error
        verify = next
      }
    }
    return await verify(bearer, audience)
  }
}

async function verified(
  bearer: string,
  keys: JWTVerifyGetKey,
  wanted: { issuer: string[]; audience: string; currentDate: Date },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(bearer, keys, {
      ...wanted,
      algorithms: ALGORITHMS,
      clockTolerance: TOLERANCE_S,
      maxTokenAge: TOKEN_S_MAX,
      requiredClaims: ['sub', 'exp', 'iat', 'aud', 'email'],
    })
    return payload
  } catch (error) {
    if (isOurTrouble(error)) {
      throw new Refusal('service.unavailable', { detail: 'The issuer of the token does not answer.', cause: error })
    }
    throw notGenuine(error)
  }
}

/** The keys could not be had; nothing is known about the token. */
function isOurTrouble(error: unknown): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof TypeError ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')
  )
}

function notGenuine(cause?: unknown): Refusal {
  return new Refusal('auth.invalid', { detail: 'This is not a genuine service call for this audience.', cause })
}
