import { createHash } from 'node:crypto'
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { syntheticCreatorId } from '#shared/domain/canary.ts'
import type { Clock } from '#shared/domain/clock.ts'
import { derivedId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { ROLES } from '#shared/domain/route-policy.ts'
import type { UserPrincipal } from './principal.ts'

/** Gives the person a bearer token stands for; throws `auth.invalid`, or `service.unavailable` when the issuer is away. */
export type VerifyUser = (bearer: string) => Promise<UserPrincipal>

export type UserTokenOptions = {
  issuer: string
  audience: string
  /** Where the issuer publishes its keys, or a function that has them. */
  jwks: URL | JWTVerifyGetKey
  now?: Clock
}

const ALGORITHMS = ['EdDSA', 'ES256', 'RS256']
const TOLERANCE_S = 30
const TOKEN_CHARACTERS_MAX = 4_096
const SUBJECT_CHARACTERS_MAX = 256
const HANDLE = /^[A-Za-z0-9_.-]{1,64}$/
/** How long a verified token is believed without checking its signature again, in ms. */
const BELIEVED_MS = 60_000
const BELIEVED_MAX = 10_000

/** Verifies user tokens: fixed algorithms, issuer, audience, expiry. The creator id follows from issuer and subject. */
export function userTokenVerifier(options: UserTokenOptions): VerifyUser {
  const now = options.now ?? Date.now
  const keys = options.jwks instanceof URL ? createRemoteJWKSet(options.jwks) : options.jwks
  const believed = new Map<string, { principal: UserPrincipal; untilMs: number }>()

  return async bearer => {
    if (bearer.length > TOKEN_CHARACTERS_MAX) throw invalid('The token is too long.')
    const digest = createHash('sha256').update(bearer).digest('base64')
    const held = believed.get(digest)
    if (held !== undefined && now() < held.untilMs) return held.principal
    const payload = await verified(bearer, keys, options, now)
    const principal = principalOf(payload, options.issuer)
    if (believed.size >= BELIEVED_MAX) believed.clear()
    believed.set(digest, { principal, untilMs: Math.min(now() + BELIEVED_MS, Number(payload.exp) * 1000) })
    return principal
  }
}

/** The creator id of a person: the same for the same issuer and subject, for ever. */
export function creatorIdOf(issuer: string, subject: string): string {
  return derivedId('creator', digestOf(issuer, subject))
}

/** The same for whoever only makes synthetic shows. */
export function canaryIdOf(issuer: string, subject: string): string {
  return syntheticCreatorId(digestOf(issuer, subject))
}

function digestOf(issuer: string, subject: string): Uint8Array {
  return createHash('sha256').update(`${issuer}\0${subject}`).digest()
}

async function verified(
  bearer: string,
  keys: JWTVerifyGetKey,
  options: UserTokenOptions,
  now: Clock,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(bearer, keys, {
      algorithms: ALGORITHMS,
      issuer: options.issuer,
      audience: options.audience,
      clockTolerance: TOLERANCE_S,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now()),
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw invalid('The token has expired.', error)
    if (isOurTrouble(error)) {
      throw new Refusal('service.unavailable', { detail: 'The issuer of the token does not answer.', cause: error })
    }
    throw invalid('The token is not signed by the issuer for this audience.', error)
  }
}

/** The issuer could not be asked; nothing is known about the token. */
function isOurTrouble(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true
  if (error instanceof TypeError) return true
  return error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'
}

function principalOf(payload: JWTPayload, issuer: string): UserPrincipal {
  const subject = payload.sub ?? ''
  if (subject === '' || subject.length > SUBJECT_CHARACTERS_MAX) throw invalid('The token has no usable subject.')
  const claimed = Array.isArray(payload['roles']) ? payload['roles'] : []
  const roles = ROLES.filter(role => claimed.includes(role))
  const id = roles.includes('canary') ? canaryIdOf(issuer, subject) : creatorIdOf(issuer, subject)
  const name = payload['preferred_username']
  return {
    kind: 'user',
    id,
    subject,
    issuer,
    handle: typeof name === 'string' && HANDLE.test(name) ? name : id,
    roles: roles.length > 0 ? roles : ['viewer'],
  }
}

function invalid(detail: string, cause?: unknown): Refusal {
  return new Refusal('auth.invalid', { detail, cause })
}
