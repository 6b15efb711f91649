import type { ProviderEvent, ProviderEventOf } from '#shared/domain/provider-event.ts'
import type { RawFacts, TypedFacts } from './typed-event.ts'

const STREAM_CHANGES = { 'Stream Start': 'started', 'Stream End': 'stopped', 'Session Ended': 'session-ended' } as const
const RECORDING_CHANGES = {
  'Recording Start': 'started',
  'Recording End': 'ended',
  'Recording Start Failure': 'failed',
  'Recording End Failure': 'failed',
} as const

/** What an event of our own media plane says; pure. */
export function planeFacts(raw: ProviderEvent, rawFacts: RawFacts): TypedFacts {
  const [ref] = raw.resources
  const facts = { ...rawFacts, channel_ref: ref, provider_stream_id: raw.detail.stream_id }
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
