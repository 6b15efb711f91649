import * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import { type Subscription, SUBSCRIPTIONS, TOPICS } from '#shared/domain/topology.ts'
import { Component, type Plan } from './component.ts'
import type { Identity } from './identity.ts'
import { runAddress } from './run-address.ts'

/** The longest Pub/Sub keeps what nobody acknowledged, 7 days. */
const RETENTION = '604800s'
/** Events of a week can be replayed to a new consumer. */
const TOPIC_RETENTION = '604800s'
/** The fewest attempts Pub/Sub counts before it sets a message aside. */
const ATTEMPTS_MIN = 5
const ACK_DEADLINE_DEAD_S = 60

/** Suffix of the topic and subscription where a subscription's dead letters wait. */
export const DEAD = '--dead'

/** Every topic and subscription of the topology as Pub/Sub resources; each subscription with its dead letters. */
export class Bus extends Component {
  readonly topics: Readonly<Record<string, gcp.pubsub.Topic>>
  readonly subscriptions: readonly gcp.pubsub.Subscription[]
  readonly deadNames: readonly string[] = SUBSCRIPTIONS.map(({ name }) => `${name}${DEAD}`)
  /** Pub/Sub's own account in this project, as policies name it. */
  readonly agent: { member: string }
  readonly #plan: Plan

  constructor(plan: Plan, identity: Identity) {
    super('Bus', 'bus', plan)
    this.#plan = plan
    const { projectNumber } = plan.config.gcp
    this.agent = { member: `serviceAccount:service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com` }
    const signs = this.#letAgentSign(identity)
    this.topics = Object.fromEntries(
      TOPICS.map(({ name }) => [
        name,
        new gcp.pubsub.Topic(
          name,
          { name, messageRetentionDuration: TOPIC_RETENTION, messageStoragePolicy: this.#stored() },
          this.kept,
        ),
      ]),
    )
    this.subscriptions = SUBSCRIPTIONS.map(row => this.#subscription(row, identity, signs))
    this.registerOutputs({})
  }

  topic(name: string): gcp.pubsub.Topic {
    const topic = this.topics[name]
    if (topic === undefined) throw new Error(`There is no topic ${name}.`)
    return topic
  }

  #stored(): gcp.types.input.pubsub.TopicMessageStoragePolicy {
    return { allowedPersistenceRegions: [this.#plan.config.gcp.home] }
  }

  /** The service agent signs pushes as `pusher`. */
  #letAgentSign(identity: Identity): pulumi.Resource {
    return new gcp.serviceaccount.IAMMember(
      'pubsub-signs-pushes',
      {
        serviceAccountId: identity.account('pusher').name,
        role: 'roles/iam.serviceAccountTokenCreator',
        ...this.agent,
      },
      this.own,
    )
  }

  /** Where a consumer's dead letters wait for a person: a topic, a subscription that keeps them, and the right to put them there. */
  deadLetters(name: string): { dead: gcp.pubsub.Topic; mayPublish: pulumi.Resource } {
    const dead = new gcp.pubsub.Topic(
      `${name}${DEAD}`,
      { name: `${name}${DEAD}`, messageStoragePolicy: this.#stored(), messageRetentionDuration: TOPIC_RETENTION },
      this.kept,
    )
    new gcp.pubsub.Subscription(
      `${name}${DEAD}`,
      {
        name: `${name}${DEAD}`,
        topic: dead.name,
        ackDeadlineSeconds: ACK_DEADLINE_DEAD_S,
        messageRetentionDuration: RETENTION,
        expirationPolicy: { ttl: '' },
      },
      this.kept,
    )
    const mayPublish = new gcp.pubsub.TopicIAMMember(
      `${name}${DEAD}`,
      { topic: dead.name, role: 'roles/pubsub.publisher', ...this.agent },
      this.own,
    )
    return { dead, mayPublish }
  }

  #subscription(row: Subscription, identity: Identity, signs: pulumi.Resource): gcp.pubsub.Subscription {
    const { name } = row
    const { dead, mayPublish } = this.deadLetters(name)
    const subscription = new gcp.pubsub.Subscription(
      name,
      {
        name,
        topic: this.topic(row.topic).name,
        ackDeadlineSeconds: row.ackDeadlineS,
        enableMessageOrdering: row.ordered,
        messageRetentionDuration: RETENTION,
        expirationPolicy: { ttl: '' },
        ...(row.events === 'all' ? {} : { filter: filterOf(row.events) }),
        retryPolicy: { minimumBackoff: '1s', maximumBackoff: '600s' },
        deadLetterPolicy: { deadLetterTopic: dead.id, maxDeliveryAttempts: Math.max(row.attempts, ATTEMPTS_MIN) },
        pushConfig: {
          pushEndpoint: `${runAddress(this.#plan, row.service)}/push/${name}`,
          oidcToken: { serviceAccountEmail: identity.account('pusher').email, audience: row.service },
        },
      },
      { ...this.kept, dependsOn: [mayPublish, signs] },
    )
    new gcp.pubsub.SubscriptionIAMMember(
      `${name}-forwards-dead`,
      { subscription: subscription.name, role: 'roles/pubsub.subscriber', ...this.agent },
      this.own,
    )
    return subscription
  }
}

/** Pub/Sub's filter for event types; the consumer filters again, because not every bus does. */
function filterOf(events: readonly string[]): string {
  return events.map(type => `attributes.type = "${type}"`).join(' OR ')
}
