import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { FeedApi } from '#run-services/feed/contract.ts'
import type { Platform } from './platform.ts'

type Answer<Key extends keyof ClipsApi> = ClipsApi[Key]['answer']
export type Clip = Answer<'GET /v1/clips/{id}'>
export type AskedClip = ClipsApi['POST /v1/clips']['body']

/** Somebody who clips, as the API sees them; throws on an answer that is not 2xx, with its problem document. */
export type ClipClient = {
  clip(body: AskedClip, key?: string): Promise<Clip>
  get(id: string): Promise<Clip>
  mine(): Promise<readonly Clip[]>
  feed(cursor?: string): Promise<FeedApi['GET /v1/feed']['answer']>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

const REQUEST_MS_MAX = 30_000

export async function clipClient(platform: Platform, sub = 'vera', roles = ['viewer']): Promise<ClipClient> {
  const token = await platform.token(sub, roles)
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${platform.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    })
  const ask = async <Body>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const response = await send(method, path, body, headers)
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Body
  }
  return {
    send,
    clip: (body, key) => ask<Clip>('POST', '/v1/clips', body, key === undefined ? {} : { 'idempotency-key': key }),
    get: id => ask<Clip>('GET', `/v1/clips/${id}`),
    mine: async () => {
      const clips: Clip[] = []
      let cursor = ''
      for (;;) {
        const path = `/v1/clips?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
        const page = await ask<Answer<'GET /v1/clips'>>('GET', path)
        clips.push(...page.data)
        if (page.next_cursor === null) return clips
        cursor = page.next_cursor
      }
    },
    feed: cursor => ask('GET', `/v1/feed${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`),
  }
}
