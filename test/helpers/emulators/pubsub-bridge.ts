import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { PubSub } from '@google-cloud/pubsub'
import type { Subscription } from '#shared/domain/topology.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { DEAD_SUFFIX, DEATH_COUNT, DEATH_REASON } from '#shared/ports/event-bus/pubsub-dead-letters.ts'
import { type Destination, type PostOutcome, signedPost } from '#shared/service/signed-post.ts'

/** Stands between the Pub/Sub emulator and the consumers, and does what the service does and the emulator does not. */
export type PubsubBridge = AsyncDisposable & {
  /** Where the emulator pushes the messages of a subscription. */
  endpoint: (subscription: Subscription) => string
}

export type PubsubBridgeOptions = {
  client: PubSub
  subscriptions: readonly Subscription[]
  destination: (subscription: Subscription) => Destination
  sign: (audience: string) => Promise<string>
}

type Pushed = Pick<PushEnvelope, 'message'>

/** Messages whose attempts are remembered. */
const REMEMBERED_MAX = 10_000
const BODY_BYTES_MAX = 4_000_000
/** What a consumer answers that is overloaded or away: told again, and no attempt is counted. */
const NOT_NOW = new Set([429, 503])

/**
 * Takes the emulator's pushes, drops types that the subscription does not name, signs the others and hands them on.
 * Attempts are counted here, and past them a message is published on the dead-letter topic and acknowledged.
 */
export async function pubsubBridge(options: PubsubBridgeOptions): Promise<PubsubBridge> {
  const stop = new AbortController()
  const attempts = new Map<string, number>()
  const server = createServer((request, response) => {
    void push(options, attempts, request, stop.signal).then(
      status => response.writeHead(status).end(),
      () => give(response),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: ({ name }) => `http://127.0.0.1:${port}/${name}`,
    async [Symbol.asyncDispose]() {
      stop.abort()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function give(response: ServerResponse): void {
  response.writeHead(500).end()
}

async function push(
  { client, subscriptions, destination, sign }: PubsubBridgeOptions,
  attempts: Map<string, number>,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<number> {
  const subscription = subscriptions.find(({ name }) => request.url === `/${name}`)
  if (subscription === undefined) return 404
  const { message } = JSON.parse(await textOf(request)) as Pushed
  const { events, name, ackDeadlineS } = subscription
  const type = message.attributes['type'] ?? ''
  if (events !== 'all' && !(events as readonly string[]).includes(type)) return 204

  const key = `${name} ${message.messageId}`
  const attempt = (attempts.get(key) ?? 0) + 1
  const body = JSON.stringify({ message, subscription: name, deliveryAttempt: attempt })
  const call = { ...destination(subscription), body, sign, timeoutMs: ackDeadlineS * 1000, signal }
  const outcome = await signedPost(call)
  if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) {
    attempts.delete(key)
    return 204
  }
  if (outcome.kind === 'unreachable' || (outcome.kind === 'answered' && NOT_NOW.has(outcome.status))) return 503
  if (attempts.size >= REMEMBERED_MAX) attempts.delete(String(attempts.keys().next().value))
  attempts.set(key, attempt)
  if (attempt < subscription.attempts) return 500
  await bury(client, subscription, message, attempt, outcome)
  attempts.delete(key)
  return 204
}

async function bury(
  client: PubSub,
  { name }: Subscription,
  { data, attributes, orderingKey }: Pushed['message'],
  attempt: number,
  outcome: PostOutcome,
): Promise<void> {
  const reason = outcome.kind === 'answered' ? `answered ${outcome.status}: ${outcome.text}` : outcome.reason
  await client.topic(`${name}${DEAD_SUFFIX}`, { messageOrdering: true }).publishMessage({
    data: Buffer.from(data, 'base64'),
    attributes: { ...attributes, [DEATH_COUNT]: String(attempt), [DEATH_REASON]: reason.slice(0, REASON_MAX) },
    ...(orderingKey === undefined ? {} : { orderingKey }),
  })
}

/** Longest attribute that Pub/Sub takes, in characters, less some. */
const REASON_MAX = 500

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > BODY_BYTES_MAX) throw new Error('The push is too long.')
  }
  return text
}
