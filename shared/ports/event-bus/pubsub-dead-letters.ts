import type { PubSub } from '@google-cloud/pubsub'
import type { BusMessage, DeadLetter, EventBus } from './event-bus.ts'

/** Suffix of the topic and subscription where a subscription's dead letters wait. */
export const DEAD_SUFFIX = '--dead'
/** What Pub/Sub adds to a message it sets aside begins so; the number of deliveries is one of them. */
const ADDED = 'CloudPubSubDeadLetter'
export const DEATH_COUNT = `${ADDED}SourceDeliveryCount`
/** Why it was set aside, where something else than Pub/Sub did it and knows. */
export const DEATH_REASON = `${ADDED}Reason`

/** Letters of one pull. */
const PULL_MAX = 200
/** A pull may give less than there is: so many that give nothing new are the end. */
const EMPTY_PULLS = 2
/** Longest one call may take, in ms. */
const CALL_MS_MAX = 5_000
/** How long a letter that was looked at stays out of the next pull, in s; given back as soon as the look is over. */
const LOOK_S = 10

type Pulled = {
  ackId: string
  message: {
    data: Uint8Array
    attributes: Record<string, string>
    orderingKey: string
    publishTime: { seconds: string | number } | null
  }
}

/** Looks through dead letters, which wait in a subscription of their own, without using them up. */
export function pubsubDeadLetters(
  client: PubSub,
  idAttribute: string,
  publishAgain: (subscription: string, message: BusMessage) => Promise<void>,
): Pick<EventBus, 'deadLetters' | 'replay'> {
  const call = async (method: string, reqOpts: object): Promise<unknown> =>
    await new Promise((resolve, reject) => {
      const config = { client: 'SubscriberClient' as const, method, reqOpts, gaxOpts: { timeout: CALL_MS_MAX } }
      client.request(config, (error, response) => (error ? reject(error) : resolve(response)))
    })

  /** Holds letters until `use` has seen enough of them, then gives back all it did not take away. */
  const look = async (name: string, limit: number, use: (letter: Pulled) => Promise<boolean>): Promise<void> => {
    const subscription = client.subscription(`${name}${DEAD_SUFFIX}`).name
    const held: string[] = []
    try {
      for (let empty = 0; empty < EMPTY_PULLS && held.length < limit;) {
        const maxMessages = Math.min(PULL_MAX, limit - held.length)
        const pulled = (await call('pull', { subscription, maxMessages, returnImmediately: true })) as {
          receivedMessages: Pulled[]
        }
        empty = pulled.receivedMessages.length === 0 ? empty + 1 : 0
        held.push(...pulled.receivedMessages.map(({ ackId }) => ackId))
        const ackIds = pulled.receivedMessages.map(({ ackId }) => ackId)
        if (ackIds.length > 0) await call('modifyAckDeadline', { subscription, ackIds, ackDeadlineSeconds: LOOK_S })
        for (const letter of pulled.receivedMessages) {
          if (!(await use(letter))) continue
          await call('acknowledge', { subscription, ackIds: [letter.ackId] })
          held.splice(held.indexOf(letter.ackId), 1)
          return
        }
      }
    } finally {
      if (held.length > 0) await call('modifyAckDeadline', { subscription, ackIds: held, ackDeadlineSeconds: 0 })
    }
  }

  return {
    async deadLetters(subscription, limit) {
      const letters: DeadLetter[] = []
      await look(subscription, limit, async ({ message }) => {
        letters.push({
          message: original(message, idAttribute),
          attempts: Number(message.attributes[DEATH_COUNT] ?? 0),
          lastError: message.attributes[DEATH_REASON] ?? '',
          diedAt: new Date(Number(message.publishTime?.seconds ?? 0) * 1000).toISOString(),
        })
        return false
      })
      return letters
    },
    async replay(subscription, messageId) {
      let found = false
      await look(subscription, Number.POSITIVE_INFINITY, async ({ message }) => {
        if (message.attributes[idAttribute] !== messageId) return false
        await publishAgain(subscription, original(message, idAttribute))
        found = true
        return true
      })
      return found
    },
  }
}

/** The message as it was published first. */
function original({ data, attributes, orderingKey }: Pulled['message'], idAttribute: string): BusMessage {
  const own = Object.entries(attributes).filter(([name]) => name !== idAttribute && !name.startsWith(ADDED))
  return {
    id: attributes[idAttribute] ?? '',
    orderingKey,
    attributes: Object.fromEntries(own),
    data: Buffer.from(data).toString('utf8'),
  }
}
