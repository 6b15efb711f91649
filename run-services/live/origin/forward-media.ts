import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Exchange } from './origin-answer.ts'

/** Says that a request has been handed on once; it is not handed on again. */
const FORWARDED = 'x-showreel-forwarded'
const PASSED = ['accept-encoding', 'if-none-match', 'range'] as const
/** Of the connection between the two, not of the answer (RFC 9110 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])
/** Longer than any playlist may be waited for, in ms. */
const SILENCE_MS_MAX = 30_000
const AGENT = new Agent({ keepAlive: true, maxSockets: 256 })

/** Whether another instance has already handed this request on. */
export function isForwarded({ request }: Exchange): boolean {
  return request.headers[FORWARDED] !== undefined
}

/** Answers with what another instance says to the same path; `service.unavailable` when that one is silent. */
export async function forwardMedia({ request, response, signal }: Exchange, base: string, path: string): Promise<void> {
  const headers = Object.fromEntries(
    PASSED.flatMap(name => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])),
  )
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { method: request.method ?? 'GET', agent: AGENT, signal, headers: { ...headers, [FORWARDED]: '1' } }
    const asked = httpRequest(new URL(path, base), options, resolve)
    asked.setTimeout(SILENCE_MS_MAX, () => asked.destroy(new Error('The other instance is silent.')))
    asked.once('error', reject).end()
  }).catch((error: unknown) => {
    throw new Refusal('service.unavailable', {
      detail: 'The instance that has this show does not answer.',
      cause: error,
    })
  })
  const kept = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name))
  response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept))
  // Half an answer must not look like a whole one.
  answer.once('error', () => response.destroy())
  answer.pipe(response)
}
