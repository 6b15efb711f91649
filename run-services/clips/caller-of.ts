import { Refusal } from '#shared/domain/refusal.ts'
import type { Principal, UserPrincipal } from '#shared/service/principal.ts'

/** The person who calls; services and strangers are none. */
export function callerOf(principal: Principal): UserPrincipal {
  if (principal.kind === 'user') return principal
  throw new Refusal('auth.missing', { detail: 'Only a person can do this.' })
}
