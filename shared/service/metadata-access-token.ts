import { z } from 'zod'
import { guardedCall } from './guarded-call.ts'

const PATH = '/computeMetadata/v1/instance/service-accounts/default/token'
const FLAVOR = { 'metadata-flavor': 'Google' }
const CALL_MS_MAX = 2_000
const RETRIES = 3
const answered = z.object({ access_token: z.string().min(1) })

/**
 * Access tokens of this process's own service account, from the metadata server of its machine on Google Cloud, which keeps
 * one until it is about to end. Throws `service.unavailable`.
 */
export function metadataAccessTokens(url: URL): () => Promise<string> {
  const guarded = guardedCall({ name: 'the metadata server', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  return async () =>
    await guarded(async signal => {
      const answer = await fetch(new URL(PATH, url), { headers: FLAVOR, signal, redirect: 'error' })
      const body: unknown = await answer.json()
      if (!answer.ok) throw new Error(`The metadata server answered ${answer.status}.`)
      return answered.parse(body).access_token
    })
}
