import { createHash } from 'node:crypto'
import type { HealthSample, ProviderEvent, StoredSegment } from '#shared/domain/provider-event.ts'

const T0 = Date.parse('2026-11-21T18:00:00.000Z')

/** The instant so many seconds into a test's show. */
export function atS(seconds: number): string {
  return new Date(T0 + seconds * 1000).toISOString()
}

export type PlaneReports = {
  started(epoch: number, s: number): ProviderEvent
  stopped(epoch: number, s: number): ProviderEvent
  over(epoch: number, s: number): ProviderEvent
  segment(seq: number, s: number): ProviderEvent
  health(level: HealthSample['level'], epoch: number, s: number): ProviderEvent
  recordingEnded(segments: number, s: number): ProviderEvent
}

/** What the media plane reports of one show, in its own envelope. */
export function planeReports(ref: string, streamId: string): PlaneReports {
  const about = { channel_name: 'A show', stream_id: streamId }
  const envelope = (s: number, ...fact: (string | number)[]) => ({
    version: '0' as const,
    id: createHash('sha256')
      .update([streamId, ...fact].join(' '))
      .digest('hex'),
    source: 'showreel.live' as const,
    account: 'test',
    region: 'test',
    time: atS(s),
    resources: [ref] as [string],
  })
  const state = (
    event_name: 'Stream Start' | 'Stream End' | 'Session Ended',
    epoch: number,
    s: number,
    reason?: string,
  ): ProviderEvent => ({
    ...envelope(s, event_name, epoch),
    'detail-type': 'Stream State Change',
    detail: { event_name, ...about, epoch, protocol: 'rtmp', ...(reason === undefined ? {} : { reason }) },
  })
  return {
    started: (epoch, s) => state('Stream Start', epoch, s),
    stopped: (epoch, s) => state('Stream End', epoch, s, 'connection-lost'),
    over: (epoch, s) => state('Session Ended', epoch, s, 'reconnect-window'),
    segment: (seq, s) => ({
      ...envelope(s, 'segment', seq),
      'detail-type': 'Segment Stored',
      detail: { ...about, segment: segmentOf(streamId, seq, s) },
    }),
    health: (level, epoch, s) => ({
      ...envelope(s, 'health', epoch, s),
      'detail-type': 'Stream Health Change',
      detail: {
        ...about,
        epoch,
        health: {
          level,
          sentence: 'So it is.',
          bitrate_kbps: 1,
          fps: 30,
          gop_s: 2,
          lag_ms: 1,
          renditions: [],
          at: atS(s),
        },
      },
    }),
    recordingEnded: (segments, s) => ({
      ...envelope(s, 'Recording End'),
      'detail-type': 'Recording State Change',
      detail: {
        event_name: 'Recording End',
        ...about,
        prefix: `play/${streamId}/v1/`,
        segments,
        duration_ms: segments * 2000,
      },
    }),
  }
}

/** A stored segment of two seconds, as the plane lists it. */
export function segmentOf(streamId: string, seq: number, s: number): StoredSegment {
  const sha256 = createHash('sha256').update(`${streamId} ${seq}`).digest('hex')
  const uri = `play/${streamId}/v1/720p/${seq}.m4s`
  const bytes = Buffer.byteLength(`${streamId} ${seq}`)
  return {
    seq,
    epoch: 1,
    pdt: atS(s),
    duration_ms: 2000,
    discontinuity: false,
    renditions: [{ name: '720p', uri, bytes, sha256 }],
  }
}
