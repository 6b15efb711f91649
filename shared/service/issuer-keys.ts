import { z } from 'zod'
import { guardedCall } from './guarded-call.ts'

const CALL_MS_MAX = 5_000
const RETRIES = 3
const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

/** Where an OIDC issuer publishes its keys, as its discovery document says; throws when it speaks of another issuer. */
export async function issuerKeys(issuer: string): Promise<URL> {
  const guarded = guardedCall({ name: 'the issuer of user tokens', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  const at = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const said = await guarded(async signal => {
    const answer = await fetch(at, { signal })
    if (!answer.ok) throw new Error(`${at} answered ${answer.status}.`)
    return discovery.parse(await answer.json())
  })
  if (said.issuer !== issuer) throw new Error(`${at} speaks of the issuer ${said.issuer}.`)
  return new URL(said.jwks_uri)
}
