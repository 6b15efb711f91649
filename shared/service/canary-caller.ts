import { decodeJwt } from 'jose'
import { canaryIdOf, type VerifyUser } from './user-token.ts'
import type { VerifyService } from './service-call.ts'

export type CanaryCallerOptions = {
  /** Who everybody else is. */
  people: VerifyUser
  /** Whether a token of that account is genuine. */
  genuine: VerifyService
  /** The service account that synthetic shows run as. */
  account: string
  issuer: string
  /** Of people's tokens: what the account's token is for. */
  audience: string
}

/**
 * Knows the account of synthetic shows by the cloud's own token, so that they need no password: it is a creator with the
 * role `canary`. What a token says of itself only decides who checks it. Throws `auth.invalid` as the checks do.
 */
export function canaryCaller({ people, genuine, account, issuer, audience }: CanaryCallerOptions): VerifyUser {
  return async bearer => {
    if (emailIn(bearer) !== account) return await people(bearer)
    await genuine(bearer, audience)
    const id = canaryIdOf(issuer, account)
    return { kind: 'user', id, subject: account, issuer, handle: 'canary', roles: ['creator', 'canary'] }
  }
}

function emailIn(bearer: string): unknown {
  try {
    return decodeJwt(bearer)['email']
  } catch {
    return undefined
  }
}
