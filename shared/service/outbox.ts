import { isSynthetic } from '#shared/domain/canary.ts'
import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { type DomainEvent, EVENT_DATA, type EventData, type EventType } from '#shared/domain/domain-event.ts'
import { newId, type RandomBytes } from '#shared/domain/id.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { crashPoint } from './crash-point.ts'
import { noteChange } from './told-changes.ts'
import { currentTraceparent } from './trace.ts'

/** An event before it has its place: what its service decides. */
export type EventDraft<Type extends EventType = EventType> = {
  [Each in Type]: {
    /** The service whose change it is. */
    source: string
    type: Each
    /** The aggregate it is about: its events are ordered, and its id is the ordering key. */
    subject: string
    data: EventData<Each>
    epoch?: number
    /** Program date-time. */
    mediatime?: string
    /** Id of the event this one follows from. */
    causationid?: string
    class?: DomainEvent['class']
  }
}[Type]

/** Time and chance of whoever writes. */
export type WriteContext = { now: Clock; random: RandomBytes }

const SCHEMA_BASE = 'https://showreel.dev/schemas/events/'
/** Largest event in bytes: well below what the bus takes, for a message too large would block its key for ever. */
const EVENT_BYTES_MAX = 262_144
const TRACE_ID_FROM = 3
const TRACE_ID_TO = 35

const raiseSequence = namedQuery(
  'outbox.raise-sequence',
  ['channels', 'strm_sample'],
  (source: string, subject: string) =>
    tables
      .updateTable('event_sequences')
      .set(eb => ({ last_seq: eb('last_seq', '+', 1) }))
      .where('subject_id', '=', subject)
      .where('source', '=', source)
      .returning('last_seq'),
)

const beginSequence = namedQuery(
  'outbox.begin-sequence',
  ['channels', 'strm_sample'],
  (source: string, subject: string) =>
    tables
      .insertInto('event_sequences')
      .values({ subject_id: subject, source, last_seq: 1 })
      .onConflict(conflict => conflict.columns(['subject_id', 'source']).doNothing())
      .returning('last_seq'),
)

type EventRow = {
  source: string
  subject_id: string
  seq: number
  event_id: string
  type: string
  occurred_at: string
  trace_id: string | null
  payload: string
}

const insertEvent = namedQuery(
  'outbox.insert-event',
  [
    {
      source: 'channels',
      subject_id: 'strm_sample',
      seq: 1,
      event_id: 'evt_sample',
      type: 'stream.started',
      occurred_at: '2026-01-01T00:00:00.000Z',
      trace_id: null,
      payload: '{}',
    },
  ],
  (row: EventRow) => tables.insertInto('domain_events').values(row),
)

/**
 * Appends an event to the outbox, in the transaction of the change it tells of.
 *
 * Its sequence is the next of its source and subject, without gaps: a transaction that rolls back gives its number back.
 * The event carries the trace that is running. Throws when the data do not fit their type: a bug of the caller.
 */
export async function appendEvent<Type extends EventType>(
  tx: Transaction,
  draft: EventDraft<Type>,
  context: WriteContext,
): Promise<DomainEvent> {
  const { source, type, subject, data, class: kind, ...optional } = draft
  const sequence = await nextSequence(tx, source, subject)
  const traceparent = currentTraceparent()
  const event = {
    specversion: '1.0' as const,
    id: newId('event', context.random),
    source,
    type,
    subject,
    time: rfc3339(context.now()),
    dataschema: SCHEMA_BASE + type,
    sequence,
    partitionkey: subject,
    ...optional,
    ...(traceparent === undefined ? {} : { traceparent }),
    class: kind ?? classOf(data),
    data: EVENT_DATA[type].parse(data),
  } as unknown as DomainEvent
  const payload = json(event)
  if (Buffer.byteLength(payload) > EVENT_BYTES_MAX)
    throw new Error(`A ${type} is larger than ${EVENT_BYTES_MAX} bytes.`)
  await tx.write(
    insertEvent({
      source,
      subject_id: subject,
      seq: sequence,
      event_id: event.id,
      type,
      occurred_at: event.time,
      trace_id: traceparent?.slice(TRACE_ID_FROM, TRACE_ID_TO) ?? null,
      payload,
    }),
  )
  noteChange(tx, subject)
  crashPoint('outbox.appended')
  return event
}

/** What a creator of synthetic shows causes counts for nobody. */
function classOf(data: object): DomainEvent['class'] {
  return 'creator_id' in data && typeof data.creator_id === 'string' && isSynthetic(data.creator_id) ? 'canary' : 'real'
}

/** Update first, insert where there is nothing yet: one statement would need an upsert that not every engine has. */
async function nextSequence(tx: Transaction, source: string, subject: string): Promise<number> {
  const raised = await tx.write(raiseSequence(source, subject))
  if (raised.rows[0] !== undefined) return raised.rows[0].last_seq
  const begun = await tx.write(beginSequence(source, subject))
  if (begun.rows[0] !== undefined) return begun.rows[0].last_seq
  const after = await tx.write(raiseSequence(source, subject))
  if (after.rows[0] === undefined) throw new Error(`The sequence of ${source} and ${subject} cannot be raised.`)
  return after.rows[0].last_seq
}
