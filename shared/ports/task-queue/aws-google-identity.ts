import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { AwsClient } from 'google-auth-library'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import type { Clock } from '#shared/domain/clock.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'

export type AwsGoogleIdentityOptions = {
  region: string
  /** `//iam.googleapis.com/projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`. */
  audience: string
  /** The service account that speaks for this role: its e-mail. */
  account: string
  /** Where roles are exchanged for tokens; Google's own unless told otherwise. */
  tokenUrl: URL
  /** Where the account signs; Google's own unless told otherwise. */
  signUrl: URL
  now: Clock
}

const SCOPES = ['https://www.googleapis.com/auth/cloud-platform']
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
  const credentials = fromNodeProviderChain({ clientConfig: { region: options.region } })
  const client = new AwsClient({
    type: 'external_account',
    audience: options.audience,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: options.tokenUrl.href,
    scopes: SCOPES,
    aws_security_credentials_supplier: {
      getAwsRegion: async () => options.region,
      getAwsSecurityCredentials: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
        return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { token: sessionToken }) }
      },
    },
  })
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
