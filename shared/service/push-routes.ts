import { z } from 'zod'
import type { DomainEvent, EventOf, EventType } from '#shared/domain/domain-event.ts'
import { parseEvent } from '#shared/domain/domain-event.ts'
import { type RawEvent, rawEvent } from '#shared/domain/raw-event.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { type Subscription, SUBSCRIPTIONS, type SubscriptionName, TOPICS } from '#shared/domain/topology.ts'
import type { Log } from './log.ts'
import type { ServiceApp } from './service-app.ts'
import { inTrace } from './trace.ts'

type Declared<Name extends SubscriptionName> = Extract<(typeof SUBSCRIPTIONS)[number], { name: Name }>
type TopicEvents<Topic extends string> = Extract<(typeof TOPICS)[number], { name: Topic }>['events']
type EachEvent<Type extends EventType> = { [Each in Type]: EventOf<Each> }[Type]

/** What a subscription delivers, by its row in the topology. */
export type PushedEvent<Name extends SubscriptionName> = Declared<Name>['events'] extends readonly (infer Type extends
  EventType)[]
  ? EachEvent<Type>
  : TopicEvents<Declared<Name>['topic']> extends readonly (infer Type extends EventType)[]
    ? EachEvent<Type>
    : RawEvent

export type PushContext = {
  log: Log
  /** From 1; the bus gives up after the subscription's attempts. */
  deliveryAttempt: number
  /** When the bus took the message, RFC 3339. */
  publishedAt: string
  /** Aborted when the bus stops waiting for the answer. */
  signal: AbortSignal
}

const MS_PER_S = 1000
const ID_CHARACTERS_MAX = 1_024

const pushEnvelope = z.object({
  message: z.object({
    messageId: z.string().min(1).max(ID_CHARACTERS_MAX),
    publishTime: z.string().optional(),
    orderingKey: z.string().default(''),
    attributes: z.record(z.string(), z.string()).default({}),
    data: z.base64(),
  }),
  subscription: z.string(),
  deliveryAttempt: z.int().positive().default(1),
})

/**
 * Serves `POST /push/<subscription>` in Pub/Sub's push shape, for signed calls only.
 *
 * Types the subscription does not name are acknowledged unseen: not every bus filters. 204 acknowledges; a message that
 * cannot be read answers 4xx and a handler that throws its own status, so the bus counts the attempt and buries poison.
 * The handler may get an event twice and tells by its id. It runs in the trace of the event.
 */
export function pushRoutes<Name extends SubscriptionName>(
  app: ServiceApp,
  name: Name,
  handle: (event: PushedEvent<Name>, context: PushContext) => Promise<void>,
): void {
  const subscription: Subscription = declared(name)
  const wanted = subscription.events
  const fromProvider = TOPICS.find(topic => topic.name === subscription.topic)?.events === 'provider'

  app.post(`/push/${name}`, async c => {
    const envelope = pushEnvelope.parse(await c.req.json())
    const value = decode(envelope.message.data)
    if (wanted !== 'all' && !(wanted as readonly string[]).includes(typeOf(value))) return c.body(null, 204)
    const event: DomainEvent | RawEvent = fromProvider ? rawEvent.parse(value) : parseEvent(value)
    const context = {
      log: c.get('log'),
      deliveryAttempt: envelope.deliveryAttempt,
      publishedAt: envelope.message.publishTime ?? event.time,
      signal: AbortSignal.timeout(subscription.ackDeadlineS * MS_PER_S),
    }
    await inTrace(event.traceparent, `push ${name}`, { 'messaging.message.id': event.id }, () =>
      handle(event as PushedEvent<Name>, context),
    )
    return c.body(null, 204)
  })
}

function declared(name: SubscriptionName): Subscription {
  const subscription = SUBSCRIPTIONS.find(candidate => candidate.name === name)
  if (subscription === undefined) throw new Error(`The topology has no subscription ${name}.`)
  return subscription
}

function decode(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch (error) {
    throw new Refusal('request.malformed', { detail: 'The message is not JSON.', param: '/message/data', cause: error })
  }
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : ''
}
