import { createHash } from 'node:crypto'
import { EVENT_DATA, type DomainEvent, type EventData, type EventType } from '#shared/domain/domain-event.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId } from '#shared/domain/id.ts'
import type { ProviderEvent, ProviderEventOf } from '#shared/domain/provider-event.ts'

const SOURCE = 'media-events'
const SCHEMA_BASE = 'https://showreel.dev/schemas/events/'

const STREAM_CHANGES = { 'Stream Start': 'started', 'Stream End': 'stopped', 'Session Ended': 'session-ended' } as const
const RECORDING_CHANGES = {
  'Recording Start': 'started',
  'Recording End': 'ended',
  'Recording Start Failure': 'failed',
  'Recording End Failure': 'failed',
} as const

/**
 * The typed event that a provider event stands for; pure. The id comes from the raw id, so that a raw event which is told
 * twice is one event; the ordering key is the channel's reference.
 */
export function typedEvent(raw: ProviderEvent): DomainEvent {
  const [ref] = raw.resources
  const time = rfc3339(Date.parse(raw.time))
  const facts = { channel_ref: ref, provider_stream_id: raw.detail.stream_id, raw_id: raw.id, provider_time: time }
  const envelope = {
    specversion: '1.0' as const,
    id: derivedId('event', createHash('sha256').update(`${SOURCE} ${raw.source} ${raw.id}`).digest()),
    source: SOURCE,
    subject: ref,
    time,
    // Provider events have no place in a sequence of ours.
    sequence: 0,
    partitionkey: ref,
    class: 'real' as const,
    ...(raw.traceparent === undefined ? {} : { traceparent: raw.traceparent }),
  }
  const { type, data } = typed(raw, facts)
  return { ...envelope, type, dataschema: SCHEMA_BASE + type, data: EVENT_DATA[type].parse(data) } as DomainEvent
}

type Facts = Pick<EventData<'provider.stream_state'>, 'channel_ref' | 'provider_stream_id' | 'raw_id' | 'provider_time'>
type Typed = { [Type in EventType]: { type: Type; data: EventData<Type> } }[EventType]

function typed(raw: ProviderEvent, facts: Facts): Typed {
  switch (raw['detail-type']) {
    case 'Stream State Change':
      return { type: 'provider.stream_state', data: { ...facts, ...streamState(raw) } }
    case 'Recording State Change':
      return { type: 'provider.recording_state', data: { ...facts, ...recordingState(raw) } }
    case 'Stream Health Change': {
      const { epoch, health } = raw.detail
      return { type: 'provider.health', data: { ...facts, epoch, health } }
    }
    case 'Segment Stored':
    default:
      return { type: 'provider.segment_stored', data: { ...facts, segment: raw.detail.segment } }
  }
}

function streamState({ detail }: ProviderEventOf<'Stream State Change'>) {
  const { event_name, epoch, protocol, media, reason } = detail
  return {
    change: STREAM_CHANGES[event_name],
    epoch,
    ...(protocol === undefined ? {} : { protocol }),
    ...(media === undefined ? {} : { media }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function recordingState({ detail }: ProviderEventOf<'Recording State Change'>) {
  const { event_name, prefix, segments, duration_ms } = detail
  return {
    change: RECORDING_CHANGES[event_name],
    prefix,
    ...(segments === undefined ? {} : { segments }),
    ...(duration_ms === undefined ? {} : { duration_ms }),
  }
}
