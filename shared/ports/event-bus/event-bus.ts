import type { TopicName } from '#shared/domain/topology.ts'

export type BusMessage = {
  /** Consumers dedupe on it. */
  id: string
  /** Messages of one key reach an ordered subscription in publish order. */
  orderingKey: string
  attributes: Readonly<Record<string, string>>
  /** JSON text, at most `MESSAGE_BYTES_MAX`. */
  data: string
}

export const MESSAGE_BYTES_MAX = 1_000_000

/**
 * Fans messages out to the subscriptions of the topology, at least once, each on its own.
 *
 * `publish` resolves when the messages are durable on the bus; on failure none or some are, and the caller publishes
 * again. Delivery is a POST in Pub/Sub's push shape to `/push/<subscription>` of the subscribing service, with a signed
 * bearer token: 2xx acknowledges, anything else is redelivered with backoff up to the subscription's attempts, then the
 * message moves to the dead letters. An ordered subscription holds a key back while its head is unacknowledged.
 */
export interface EventBus {
  publish(topic: TopicName, messages: readonly BusMessage[], signal?: AbortSignal): Promise<void>
  /** Dead letters of a subscription, oldest first, and what puts one back. */
  deadLetters(subscription: string, limit: number): Promise<readonly DeadLetter[]>
  replay(subscription: string, messageId: string): Promise<boolean>
  /** Messages waiting per subscription and the age of the oldest in ms. */
  backlog(): Promise<readonly { subscription: string; waiting: number; oldestMs: number }[]>
}

export type DeadLetter = { message: BusMessage; attempts: number; lastError: string; diedAt: string }

/** The body of a push, as Pub/Sub sends it. */
export type PushEnvelope = {
  message: {
    messageId: string
    publishTime: string
    orderingKey: string
    attributes: Record<string, string>
    /** base64 of the JSON text */
    data: string
  }
  subscription: string
  deliveryAttempt: number
}
