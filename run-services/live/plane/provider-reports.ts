import { createHash } from 'node:crypto'
import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId } from '#shared/domain/id.ts'
import type { HealthSample, MediaFacts, ProviderEvent, StoredSegment } from '#shared/domain/provider-event.ts'
import { PLANE_SOURCE } from '#shared/domain/provider-event.ts'

/** The show an event is about. */
export type ReportedShow = {
  ref: string
  channelName: string
  streamId: string
  /** Trace context of the publish it is live by. */
  traceparent(): string | undefined
}

export type ReportPlace = { account: string; region: string }

type Protocol = 'rtmp' | 'srt' | 'websocket'

/** The plane's events about one show. The same fact always gives the same id, so that telling it again is harmless. */
export type ProviderReports = {
  streamStart(epoch: number, protocol: Protocol, media: MediaFacts | undefined): ProviderEvent
  streamEnd(epoch: number, protocol: Protocol, reason: string): ProviderEvent
  sessionEnded(epoch: number, reason: string): ProviderEvent
  recordingStart(prefix: string): ProviderEvent
  recordingEnd(prefix: string, totals: { segments: number; durationMs: number }): ProviderEvent
  recordingFailed(prefix: string): ProviderEvent
  segmentStored(segment: StoredSegment): ProviderEvent
  health(epoch: number, health: HealthSample): ProviderEvent
}

/** Writes the EventBridge envelope around what happens to one show. */
export function providerReports(show: ReportedShow, place: ReportPlace, now: Clock): ProviderReports {
  const about = { channel_name: show.channelName, stream_id: show.streamId }

  function envelope(...fact: readonly (string | number)[]) {
    const traceparent = show.traceparent()
    const digest = createHash('sha256')
      .update([show.streamId, ...fact].join('\n'))
      .digest()
    return {
      version: '0' as const,
      id: derivedId('event', digest),
      source: PLANE_SOURCE,
      ...place,
      time: rfc3339(now()),
      resources: [show.ref] as [string],
      ...(traceparent === undefined ? {} : { traceparent }),
    } as const
  }

  const streamState = (
    event_name: 'Stream Start' | 'Stream End' | 'Session Ended',
    epoch: number,
    more: { protocol?: Protocol; media?: MediaFacts; reason?: string },
  ): ProviderEvent => ({
    ...envelope(event_name, epoch),
    'detail-type': 'Stream State Change',
    detail: { event_name, ...about, epoch, ...more },
  })

  const recordingState = (
    event_name: 'Recording Start' | 'Recording End' | 'Recording Start Failure',
    prefix: string,
    totals: { segments?: number; duration_ms?: number } = {},
  ): ProviderEvent => ({
    ...envelope(event_name, prefix),
    'detail-type': 'Recording State Change',
    detail: { event_name, ...about, prefix, ...totals },
  })

  return {
    streamStart: (epoch, protocol, media) =>
      streamState('Stream Start', epoch, { protocol, ...(media === undefined ? {} : { media }) }),
    streamEnd: (epoch, protocol, reason) => streamState('Stream End', epoch, { protocol, reason }),
    sessionEnded: (epoch, reason) => streamState('Session Ended', epoch, { reason }),
    recordingStart: prefix => recordingState('Recording Start', prefix),
    recordingEnd: (prefix, { segments, durationMs }) =>
      recordingState('Recording End', prefix, { segments, duration_ms: Math.round(durationMs) }),
    recordingFailed: prefix => recordingState('Recording Start Failure', prefix),
    segmentStored: segment => ({
      ...envelope('Segment Stored', segment.seq),
      'detail-type': 'Segment Stored',
      detail: { ...about, segment },
    }),
    health: (epoch, health) => ({
      ...envelope('health', epoch, health.at),
      'detail-type': 'Stream Health Change',
      detail: { ...about, epoch, health },
    }),
  }
}
