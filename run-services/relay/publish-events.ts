import type { EventType } from '#shared/domain/domain-event.ts'
import { type TopicName, topicOf } from '#shared/domain/topology.ts'
import type { BusMessage, EventBus } from '#shared/ports/event-bus/event-bus.ts'
import { counter } from '#shared/service/telemetry.ts'

/** One row of the outbox, as far as the relay reads it. */
export type OutboxRow = {
  source: string
  subject_id: string
  seq: number
  event_id: string
  type: EventType
  /** The whole event, as it was appended. */
  payload: { class?: string } & Readonly<Record<string, unknown>>
}

/** Messages in one call to the bus. */
const PUBLISH_MAX = 500

const publishedTotal = counter('relay_events_published_total', 'Domain events the bus has taken')

/** Hands events to the bus, each topic in the given order; throws when the bus did not take them all. */
export async function publishEvents(bus: EventBus, events: readonly OutboxRow[], signal: AbortSignal): Promise<void> {
  const byTopic = new Map<TopicName, BusMessage[]>()
  for (const event of events) {
    const topic = topicOf(event.type)
    const messages = byTopic.get(topic) ?? []
    messages.push(messageOf(event))
    byTopic.set(topic, messages)
  }
  for (const [topic, messages] of byTopic) {
    for (let from = 0; from < messages.length; from += PUBLISH_MAX) {
      const some = messages.slice(from, from + PUBLISH_MAX)
      await bus.publish(topic, some, signal)
      for (const { attributes } of some) publishedTotal.add(1, { topic, type: attributes['type'] ?? '' })
    }
  }
}

function messageOf({ source, subject_id, event_id, type, payload }: OutboxRow): BusMessage {
  return {
    id: event_id,
    orderingKey: subject_id,
    attributes: { type, source, class: payload.class ?? 'real' },
    data: JSON.stringify(payload),
  }
}
