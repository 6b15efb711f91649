import { createHash } from 'node:crypto'
import { type DomainEvent, EVENT_DATA, type EventData, type EventType } from '#shared/domain/domain-event.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { handOffKey } from '#shared/domain/hand-off.ts'
import { derivedId } from '#shared/domain/id.ts'
import { PLANE_SOURCE, type ProviderEvent } from '#shared/domain/provider-event.ts'
import type { RawEvent } from '#shared/domain/raw-event.ts'
import { reportedEvent } from '#shared/domain/reported-event.ts'
import { awsFacts } from './aws-facts.ts'
import { planeFacts } from './plane-facts.ts'

/** What a raw event says, by type. */
export type TypedFacts = { [Type in EventType]: { type: Type; data: EventData<Type> } }[EventType]
/** The facts that every typed event carries. */
export type RawFacts = { raw_id: string; provider_time: string }

const SOURCE = 'media-events'
const SCHEMA_BASE = 'https://showreel.dev/schemas/events/'

/**
 * The typed event that a provider event stands for; pure. Undefined for what tells nothing we act on.
 *
 * The id comes from the raw id, so that a raw event which is told twice is one event; the ordering key is the hand-off's.
 */
export function typedEvent(raw: ProviderEvent): DomainEvent
export function typedEvent(raw: RawEvent): DomainEvent | undefined
export function typedEvent(wire: RawEvent): DomainEvent | undefined {
  const raw = wire.source === PLANE_SOURCE ? reportedEvent(wire) : wire
  const time = rfc3339(Date.parse(raw.time))
  const facts = { raw_id: raw.id, provider_time: time }
  const typed = raw.source === PLANE_SOURCE ? planeFacts(raw, facts) : awsFacts(raw, facts)
  if (typed === undefined) return undefined
  const key = handOffKey(raw)
  const { type, data } = typed
  return {
    specversion: '1.0',
    id: derivedId('event', createHash('sha256').update(`${SOURCE} ${raw.source} ${raw.id}`).digest()),
    source: SOURCE,
    type,
    subject: key,
    time,
    dataschema: SCHEMA_BASE + type,
    // Provider events have no place in a sequence of ours.
    sequence: 0,
    partitionkey: key,
    class: 'real',
    ...(raw.traceparent === undefined ? {} : { traceparent: raw.traceparent }),
    data: EVENT_DATA[type].parse(data),
  } as DomainEvent
}
