import { ApiProblem } from './api-problem.ts'
import { randomKey } from './random-key.ts'
import { noteServerTime } from './server-time.ts'
import type { ApiKey, ApiRoutes } from './api-routes.ts'

/** Longest a call may take before it counts as unreachable, in ms. */
const CALL_MS_MAX = 10_000

type Part<Key extends ApiKey, Name extends string> = ApiRoutes[Key] extends { [name in Name]: infer Value }
  ? { [name in Name]: Value }
  : unknown
type Query<Key extends ApiKey> = ApiRoutes[Key] extends { query?: infer Value }
  ? { query?: NonNullable<Value> }
  : unknown

type Common = {
  /** Whose call it is; public reads need none. */
  token?: string | undefined
  signal?: AbortSignal
  /** Same key, same effect: give one when the person may press twice. */
  idempotencyKey?: string
}
export type CallInput<Key extends ApiKey> = Part<Key, 'params'> & Part<Key, 'body'> & Query<Key> & Common

type Loose = Common & {
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  body?: unknown
}

/**
 * Calls the public API: `await call('GET /v1/streams/{id}', { params: { id } })`.
 *
 * Rejects with `ApiProblem` when the server refuses or cannot be reached, with the signal's reason when aborted.
 */
export async function call<Key extends ApiKey>(key: Key, input: CallInput<Key>): Promise<ApiRoutes[Key]['answer']> {
  const { params = {}, query = {}, body, token, signal, idempotencyKey } = input as Loose
  const [method = 'GET', template = '/'] = key.split(' ')
  const url = new URL(
    template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? '')),
    location.origin,
  )
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  const headers = new Headers({ accept: 'application/json' })
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (method === 'POST' && template.startsWith('/v1/')) {
    headers.set('idempotency-key', idempotencyKey ?? randomKey())
  }
  const response = await send(
    url,
    {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(CALL_MS_MAX), ...(signal === undefined ? [] : [signal])]),
    },
    signal,
  )
  noteServerTime(response.headers.get('date'))
  if (!response.ok) throw await problemOf(response)
  return response.status === 204 ? undefined : await response.json()
}

async function send(url: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    signal?.throwIfAborted()
    throw new ApiProblem({ code: 'network.unreachable', status: 0, detail: String(cause), retryable: true })
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const problem: { code?: string; detail?: string; title?: string; retryable?: boolean; request_id?: string } =
    await response.json().catch(() => ({}))
  return new ApiProblem({
    code: problem.code ?? 'server.unexpected',
    status: response.status,
    detail: problem.detail ?? problem.title ?? response.statusText,
    retryable: problem.retryable ?? response.status >= 500,
    requestId: problem.request_id,
  })
}
