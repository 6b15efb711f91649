import { jwtVerify, SignJWT } from 'jose'
import type { Clock } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'

/** Signs and verifies the calls our services make to each other, in the shape of a cloud's OIDC tokens. */
export interface ServiceCalls {
  /** A bearer token by which `caller` may call `audience` for the next five minutes. */
  sign: (audience: string, caller: string) => Promise<string>
  /** The caller of a genuine token for that audience; throws the refusal `auth.invalid` otherwise. */
  verify: (bearer: string, audience: string) => Promise<{ service: string }>
}

/** Who may be asked whether a service call is genuine: `ServiceCalls.verify`, or a cloud's OIDC verifier. */
export type VerifyService = ServiceCalls['verify']

const ALGORITHM = 'HS256'
const TOKEN_S = 300
/** A token is used again until this much of its life is left, in seconds. */
const REUSE_LEFT_S = 120
const TOLERANCE_S = 30
const CACHE_MAX = 256

/** Service calls signed with one shared key (the secret `service-calls`); tokens live five minutes. */
export function serviceCalls(options: { key: Uint8Array; issuer: string; now: Clock }): ServiceCalls {
  const { key, issuer, now } = options
  const signed = new Map<string, { token: string; expiresS: number }>()

  return {
    sign: async (audience, caller) => {
      const nowS = Math.floor(now() / 1000)
      const name = `${caller} ${audience}`
      const held = signed.get(name)
      if (held !== undefined && held.expiresS - nowS > REUSE_LEFT_S) return held.token
      const expiresS = nowS + TOKEN_S
      const token = await new SignJWT({ email: `${caller}@${issuer}` })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(caller)
        .setIssuedAt(nowS)
        .setExpirationTime(expiresS)
        .sign(key)
      if (signed.size >= CACHE_MAX) signed.clear()
      signed.set(name, { token, expiresS })
      return token
    },
    verify: async (bearer, audience) => {
      try {
        const { payload } = await jwtVerify(bearer, key, {
          algorithms: [ALGORITHM],
          issuer,
          audience,
          clockTolerance: TOLERANCE_S,
          maxTokenAge: TOKEN_S,
          requiredClaims: ['sub', 'exp', 'iat'],
          currentDate: new Date(now()),
        })
        return { service: String(payload.sub) }
      } catch (error) {
        throw new Refusal('auth.invalid', {
          detail: 'This is not a genuine service call for this audience.',
          cause: error,
        })
      }
    },
  }
}
