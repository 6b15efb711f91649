import { decodeJwt } from 'jose'
import { z } from 'zod'
import type { Clock } from '#shared/domain/clock.ts'
import { type AwsGoogleClientOptions, awsGoogleClient } from '#shared/ports/secrets/aws-google-client.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'

export type AwsGoogleIdentityOptions = AwsGoogleClientOptions & {
  /** The service account that speaks for this role: its e-mail. */
  account: string
  /** Where the account signs; Google's own unless told otherwise. */
  signUrl: URL
  now: Clock
}

const CALL_MS_MAX = 5_000
const RETRIES = 2
/** A token is used again until this much of its life is left, in ms. */
const REUSE_LEFT_MS = 300_000
const MS_PER_S = 1_000
const signed = z.object({ token: z.string() })

/**
 * Bearer tokens of Google's making for calls from AWS to our services, without any key: this task's role is exchanged for
 * a Google identity, in whose name a token for the audience is signed. Throws `service.unavailable`.
 */
export function awsGoogleIdentity(options: AwsGoogleIdentityOptions): (audience: string) => Promise<string> {
  const client = awsGoogleClient(options)
  const guarded = guardedCall({ name: 'Google’s identity service', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  const at = new URL(
    `/v1/projects/-/serviceAccounts/${encodeURIComponent(options.account)}:generateIdToken`,
    options.signUrl,
  )
  const held = new Map<string, { token: string; untilMs: number }>()

  return async audience => {
    const known = held.get(audience)
    if (known !== undefined && known.untilMs - options.now() > REUSE_LEFT_MS) return known.token
    const { token } = await guarded(async signal => {
      const headers = new Headers(await client.getRequestHeaders())
      headers.set('content-type', 'application/json')
      const body = JSON.stringify({ audience, includeEmail: true })
      const answer = await fetch(at, { method: 'POST', headers, body, signal, redirect: 'error' })
      if (!answer.ok) throw new Error(`${at.host} answered ${answer.status}.`)
      return signed.parse(await answer.json())
    })
    held.set(audience, { token, untilMs: (decodeJwt(token).exp ?? 0) * MS_PER_S })
    return token
  }
}
