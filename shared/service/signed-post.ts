import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** Where a push or a task goes, and whom its bearer token is for. */
export type Destination = { url: string; audience: string }

/** What came of a call: an answer, or why there was none. */
export type PostOutcome =
  | { kind: 'answered'; status: number; retryAfterMs: number | undefined; text: string }
  | { kind: 'unreachable' | 'timed-out'; reason: string }

export type SignedPost = Destination & {
  body: string
  headers?: Readonly<Record<string, string>>
  sign: (audience: string) => Promise<string>
  timeoutMs: number
  signal: AbortSignal
}

/** How much of an answer is kept for the log, in bytes. */
const ANSWER_BYTES_MAX = 2_000
const SOCKETS_MAX = 64

const HTTP = new HttpAgent({ keepAlive: true, maxSockets: SOCKETS_MAX })
const HTTPS = new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS_MAX })

/** POSTs JSON with a signed bearer token and tells what came of it; throws only when signing fails. */
export async function signedPost(call: SignedPost): Promise<PostOutcome> {
  const bearer = await call.sign(call.audience)
  const body = Buffer.from(call.body)
  const headers = {
    ...call.headers,
    authorization: `Bearer ${bearer}`,
    'content-type': 'application/json',
    'content-length': String(body.byteLength),
  }
  return await new Promise(resolve => {
    const request = open(new URL(call.url), headers)
    let timedOut = false
    const abort = (): void => void request.destroy(new Error('The caller stopped.'))
    const timer = setTimeout(() => {
      timedOut = true
      request.destroy(new Error(`no answer within ${call.timeoutMs} ms`))
    }, call.timeoutMs)
    const settle = (outcome: PostOutcome): void => {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', abort)
      resolve(outcome)
    }
    const fail = (error: Error): void =>
      settle({ kind: timedOut ? 'timed-out' : 'unreachable', reason: error.message.slice(0, ANSWER_BYTES_MAX) })
    request.on('error', fail)
    request.on('response', response => {
      response.on('error', fail)
      void read(response).then(settle, fail)
    })
    call.signal.addEventListener('abort', abort)
    if (call.signal.aborted) abort()
    request.end(body)
  })
}

function open(url: URL, headers: Record<string, string>): ClientRequest {
  return url.protocol === 'https:'
    ? httpsRequest(url, { method: 'POST', agent: HTTPS, headers })
    : httpRequest(url, { method: 'POST', agent: HTTP, headers })
}

async function read(response: IncomingMessage): Promise<PostOutcome> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    if (text.length < ANSWER_BYTES_MAX) text += String(chunk)
  }
  const retryAfterS = Number(response.headers['retry-after'])
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    retryAfterMs: Number.isFinite(retryAfterS) ? retryAfterS * 1000 : undefined,
    text: text.slice(0, ANSWER_BYTES_MAX),
  }
}
