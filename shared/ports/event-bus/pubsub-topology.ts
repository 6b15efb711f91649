import type { PubSub } from '@google-cloud/pubsub'
import type { Subscription, TopicName } from '#shared/domain/topology.ts'
import { DEAD_SUFFIX } from './pubsub-dead-letters.ts'

export type PubsubTopology = {
  topics: readonly TopicName[]
  subscriptions: readonly Subscription[]
  /** Where the messages of a subscription are POSTed. */
  endpoint: (subscription: Subscription) => string
}

/** gRPC's word for what is there already. */
const ALREADY_EXISTS = 6

/**
 * Makes the topology on an emulator: its topics, a push subscription for each row, and where its dead letters wait. What
 * is there already stays. In the clouds the deployment makes them, with filters and signatures, which emulators lack.
 */
export async function makePubsubTopology(client: PubSub, topology: PubsubTopology): Promise<void> {
  const { topics, subscriptions, endpoint } = topology
  await Promise.all(topics.map(async name => await unlessThere(client.createTopic(name))))
  await Promise.all(
    subscriptions.map(async row => {
      const dead = `${row.name}${DEAD_SUFFIX}`
      await unlessThere(client.createTopic(dead))
      await unlessThere(client.createSubscription(dead, dead))
      await unlessThere(
        client.createSubscription(row.topic, row.name, {
          ackDeadlineSeconds: Math.max(ACK_S_MIN, row.ackDeadlineS),
          enableMessageOrdering: row.ordered,
          pushConfig: { pushEndpoint: endpoint(row) },
        }),
      )
    }),
  )
}

/** The shortest deadline Pub/Sub takes, in s. */
const ACK_S_MIN = 10

async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making
  } catch (error) {
    if ((error as { code?: unknown }).code !== ALREADY_EXISTS) throw error
  }
}
