import type { CanaryApi } from '../contract.ts'

/** The product's API as the synthetic show uses it. */
export type ShowClient = {
  /** Asks for an answer of that shape; throws with the sentence of the refusal, or when nobody answers. */
  ask<Body>(method: string, path: string, body?: unknown): Promise<Body>
  startRun(body: CanaryApi['POST /v1/canaries']['body']): Promise<CanaryApi['POST /v1/canaries']['answer']>
  readRun(id: string): Promise<CanaryApi['GET /v1/canaries/{id}']['answer']>
  endRun(
    id: string,
    body: CanaryApi['PUT /v1/canaries/{id}']['body'],
  ): Promise<CanaryApi['PUT /v1/canaries/{id}']['answer']>
}

/** Longest wait for one answer, in ms. */
const CALL_MS_MAX = 30_000

/** Calls the API behind that address with the bearer token that `token` gives. */
export function showClient(url: URL, token: () => Promise<string>): ShowClient {
  const ask = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS_MAX),
      redirect: 'error',
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${detailOf(text)}`)
    return (text === '' ? undefined : JSON.parse(text)) as Body
  }
  return {
    ask,
    startRun: body => ask('POST', '/v1/canaries', body),
    readRun: id => ask('GET', `/v1/canaries/${id}`),
    endRun: (id, body) => ask('PUT', `/v1/canaries/${id}`, body),
  }
}

function detailOf(text: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: string; title?: string }
    return problem.detail ?? problem.title ?? text
  } catch {
    return text.slice(0, 200)
  }
}
