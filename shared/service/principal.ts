import type { Role } from '#shared/domain/route-policy.ts'

/** A person, known by a verified token. */
export type UserPrincipal = {
  kind: 'user'
  /** The creator id that this issuer and subject always give. */
  id: string
  subject: string
  issuer: string
  handle: string
  roles: readonly Role[]
}

/** Who is calling. */
export type Principal = UserPrincipal | { kind: 'service'; name: string } | { kind: 'anonymous' }

export const ANONYMOUS: Principal = { kind: 'anonymous' }

/** The name under which a caller's requests are told apart, in limits and idempotency keys. */
export function principalKey(principal: Principal): string {
  if (principal.kind === 'user') return principal.id
  return principal.kind === 'service' ? `service:${principal.name}` : principal.kind
}
