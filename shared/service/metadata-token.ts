import { decodeJwt } from 'jose'
import type { Clock } from '#shared/domain/clock.ts'
import { guardedCall } from './guarded-call.ts'

export type MetadataTokenOptions = {
  /** Where the machine says who it is. */
  url: URL
  now: Clock
}

const PATH = '/computeMetadata/v1/instance/service-accounts/default/identity'
const FLAVOR = { 'metadata-flavor': 'Google' }
const CALL_MS_MAX = 2_000
const RETRIES = 3
/** A token is used again until this much of its life is left, in ms. */
const REUSE_LEFT_MS = 300_000
const MS_PER_S = 1_000

/**
 * OIDC tokens of this process's own service account, from the metadata server of its machine on Google Cloud: who it is to
 * whoever is the audience. Throws `service.unavailable`.
 */
export function metadataTokens({ url, now }: MetadataTokenOptions): (audience: string) => Promise<string> {
  const guarded = guardedCall({ name: 'the metadata server', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  const held = new Map<string, { token: string; untilMs: number }>()
  return async audience => {
    const known = held.get(audience)
    if (known !== undefined && known.untilMs - now() > REUSE_LEFT_MS) return known.token
    const at = new URL(PATH, url)
    at.searchParams.set('audience', audience)
    at.searchParams.set('format', 'full')
    const token = await guarded(async signal => {
      const answer = await fetch(at, { headers: FLAVOR, signal, redirect: 'error' })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`The metadata server answered ${answer.status}.`)
      return text.trim()
    })
    held.set(audience, { token, untilMs: (decodeJwt(token).exp ?? 0) * MS_PER_S })
    return token
  }
}
