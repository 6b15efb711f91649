import { Refusal } from '#shared/domain/refusal.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'

/** Longest one attempt may take, in ms: 256 MiB at a quarter of a gigabit. */
const ATTEMPT_MS_MAX = 60_000
const RETRIES = 3

const guarded = guardedCall({ name: 'the object store', timeoutMs: ATTEMPT_MS_MAX, retries: RETRIES })

/**
 * Asks for a signed URL and handles its answer, again when the store or the way to it fails. Throws the refusals
 * `resource.missing`, `storage.full` and `service.unavailable`.
 */
export function signedFetch<Result>(
  url: string,
  request: { method: 'GET' | 'PUT'; headers?: Record<string, string>; body?: Blob },
  handle: (response: Response) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return guarded(async attempt => {
    const response = await fetch(url, { ...request, redirect: 'error', signal: attempt })
    if (response.ok) return handle(response)
    await response.body?.cancel()
    if (response.status === 404) throw new Refusal('resource.missing', { detail: 'The object is not there any more.' })
    if (response.status === 507) throw new Refusal('storage.full', { detail: 'The object store is full.' })
    throw new Error(`The object store answered ${response.status}.`)
  }, signal)
}
