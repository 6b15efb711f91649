import { PubSub, type Topic } from '@google-cloud/pubsub'
import { type Subscription, SUBSCRIPTIONS, type TopicName } from '#shared/domain/topology.ts'
import { type BusMessage, type EventBus, MESSAGE_BYTES_MAX } from './event-bus.ts'
import { pubsubDeadLetters } from './pubsub-dead-letters.ts'

export type PubsubOptions = {
  projectId: string
  /** A region's own address, so that a key's messages keep their order; `host:port` of an emulator. */
  endpoint: string
  emulated?: boolean
  subscriptions?: readonly Subscription[]
}

/** The attribute that carries a message's own id; Pub/Sub gives it another one. */
export const MESSAGE_ID = 'id'

/** How long a message waits for others that travel with it, in ms. */
const GATHER_MS = 5
/** Messages and bytes of one call; below what Pub/Sub takes. */
const BATCH_MAX = 500
const BATCH_BYTES_MAX = 5_000_000
/** Longest one call may take, in ms; a publisher that fails is told and tries again itself. */
const CALL_MS_MAX = 10_000
/** Messages under way at once; publishers beyond that wait for the others. */
const UNDER_WAY_MAX = 5_000

/**
 * The event bus on Google Cloud Pub/Sub: topics, push subscriptions and their dead letters are made by the deployment.
 *
 * A failed publish blocks its ordering key in the client until it is resumed; here it is resumed at once, because the
 * caller publishes again from the first message that was not confirmed. Every delivery that is not acknowledged costs an
 * attempt, also of a consumer that is away. How much waits is counted by Cloud Monitoring alone: `backlog` is empty.
 */
export function pubsubEventBus(options: PubsubOptions): EventBus & AsyncDisposable {
  const client = pubsubClient(options)
  const topics = new Map<TopicName, Topic>()
  const room = waitingRoom(UNDER_WAY_MAX)
  const topicOf = (name: TopicName): Topic => {
    const topic = topics.get(name) ?? client.topic(name, PUBLISHING)
    topics.set(name, topic)
    return topic
  }
  const { subscriptions = SUBSCRIPTIONS } = options
  // To every subscription of its topic: those that had it know it by its id.
  const letters = pubsubDeadLetters(client, MESSAGE_ID, async (name, message) => {
    const topic = subscriptions.find(subscription => subscription.name === name)?.topic
    if (topic === undefined) throw new Error(`The topology has no subscription ${name}.`)
    await publishAll(topicOf(topic), [message])
  })

  return {
    async publish(name, messages, signal) {
      for (const { id, data } of messages) {
        if (Buffer.byteLength(data) > MESSAGE_BYTES_MAX)
          throw new RangeError(`The message ${id} is larger than the bus takes.`)
      }
      const topic = topicOf(name)
      for (let from = 0; from < messages.length; from += BATCH_MAX) {
        const some = messages.slice(from, from + BATCH_MAX)
        using _place = await room.enter(some.length, signal)
        await publishAll(topic, some)
      }
    },
    ...letters,
    backlog: async () => [],
    async [Symbol.asyncDispose]() {
      await client.close()
    },
  }
}

const PUBLISHING = {
  messageOrdering: true,
  batching: { maxMessages: BATCH_MAX, maxBytes: BATCH_BYTES_MAX, maxMilliseconds: GATHER_MS },
  // The library's own retries last ten minutes, in which nobody would hear that the bus is away.
  gaxOpts: { retry: null, timeout: CALL_MS_MAX },
} as unknown as Parameters<PubSub['topic']>[1]

/** A client of the service, or of an emulator. */
export function pubsubClient({ projectId, endpoint, emulated = false }: PubsubOptions): PubSub {
  return new PubSub({ projectId, apiEndpoint: endpoint, emulatorMode: emulated })
}

/** Publishes all, in their order per key; throws when one was not confirmed, and lets its key go on. */
async function publishAll(topic: Topic, messages: readonly BusMessage[]): Promise<void> {
  const published = await Promise.allSettled(
    messages.map(
      async ({ id, orderingKey, attributes, data }) =>
        await topic.publishMessage({
          data: Buffer.from(data),
          orderingKey,
          attributes: { ...attributes, [MESSAGE_ID]: id },
        }),
    ),
  )
  const failed = published.find(result => result.status === 'rejected')
  if (failed === undefined) return
  const keys = messages
    .filter((_, index) => published[index]?.status === 'rejected')
    .map(message => message.orderingKey)
  for (const key of new Set(keys)) topic.resumePublishing(key)
  throw failed.reason
}

/** Lets so many in at once, first come, first served; more wait outside. */
function waitingRoom(places: number): { enter(count: number, signal?: AbortSignal): Promise<Disposable> } {
  let taken = 0
  let wake: (() => void)[] = []
  const fits = (count: number): boolean => taken === 0 || taken + count <= places
  return {
    async enter(count, signal) {
      while (!fits(count)) {
        signal?.throwIfAborted()
        await new Promise<void>(resolve => {
          wake.push(resolve)
          signal?.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      signal?.throwIfAborted()
      taken += count
      return {
        [Symbol.dispose]: () => {
          taken -= count
          const waiting = wake
          wake = []
          for (const go of waiting) go()
        },
      }
    },
  }
}
