import type { HealthSample, MediaFacts, StoredSegment } from '#shared/domain/provider-event.ts'

/** What a media plane can do beyond the common verbs; callers ask before they rely on it. */
export type LiveFeatures = {
  /** Where `segment.finalized` comes from: the plane's own events, or the recording's objects. */
  segmentEvents: 'plane' | 'recording'
  /** What an instant clip can be cut from. */
  liveClip: 'parts' | 'recorded'
  dash: boolean
  /** Who serves what is on the air: our own origin under the playback id, or the plane at the channel's `playbackUrl`. */
  playback: 'origin' | 'plane'
  /** With 1, a new key replaces the old one at once, and the session that runs on it ends. */
  keysPerChannel: number
  /** Whether the keys of a disabled channel work again once it is enabled, or are gone. */
  disabledKeys: 'kept' | 'gone'
  /** Whether a publisher that comes back within the window goes on with its show, or begins another. */
  reconnects: boolean
  doors: readonly ('rtmp' | 'srt' | 'websocket' | 'whip')[]
  /** Cues over the rate are refused, or wait and come together as one `{"cues":[…]}`. */
  metadata: { bytesMax: number; perSecond: number; overRate: 'refused' | 'gathered' }
}

export type LiveChannelSettings = {
  name: string
  latencyMode: 'low' | 'standard'
  dvrWindowS: number
  /** Most renditions of a show: 1..3. */
  renditionsMax: number
  reconnectWindowS: number
  record: boolean
  enabled: boolean
}

export type LiveChannel = {
  /** The plane's own name for it. */
  ref: string
  /** What viewers use for whatever is on air here. */
  playbackId: string
  /** Where the plane itself serves whatever is on air here; only where `features.playback` is `plane`. */
  playbackUrl?: string
  ingest: { rtmpUrl?: string; srtUrl?: string; wsUrl?: string; whipUrl?: string }
}

/** `secret` is the whole stream key a publisher types; it is told once and never stored in clear. */
export type CreatedStreamKey = { keyRef: string; secret: string }

export type LiveStream = {
  ref: string
  /** One show; also its playback id. */
  streamId: string
  state: 'live' | 'waiting'
  epoch: number
  startedAt: string
  /** When the reconnect window closes; only while waiting. */
  waitingUntil: string | undefined
  protocol: string
  media: MediaFacts | undefined
  health: HealthSample | undefined
  renditions: readonly string[]
  /** Program date-time of the newest part. */
  edgeAt: string | undefined
}

export type Recording = {
  streamId: string
  prefix: string
  state: 'recording' | 'complete'
  /** Segments closed by the packager; equals the stored ones when nothing was lost. */
  segmentsProduced: number
  segmentsStored: number
  durationMs: number
}

/**
 * The media plane as the services see it: channels, keys and streams; nothing of creators or clips.
 *
 * Every verb is safe to repeat: creates take a client token and give the same answer for the same token; deletes of what
 * is absent succeed. Throws `Refusal` with `resource.missing`, `stream.not-live`, `cue.too-large`,
 * `request.rate-limited` or `service.unavailable`.
 */
export interface LiveChannels {
  readonly features: LiveFeatures
  createChannel(token: string, settings: LiveChannelSettings): Promise<LiveChannel>
  updateChannel(ref: string, settings: LiveChannelSettings): Promise<LiveChannel>
  getChannel(ref: string): Promise<LiveChannel>
  deleteChannel(ref: string): Promise<void>
  createStreamKey(ref: string, token: string): Promise<CreatedStreamKey>
  /** The key stops working at `expiresAt` (now when absent); a session that runs on it ends within 5 s of that. */
  deleteStreamKey(ref: string, keyRef: string, expiresAt?: string): Promise<void>
  /** The channel's `playbackUrl` as it lets players in now: with a pass where the plane asks for one. */
  watchUrl(ref: string, playbackUrl: string): Promise<string>
  getStream(ref: string): Promise<LiveStream | undefined>
  listStreams(): Promise<readonly LiveStream[]>
  /** Ends the show for good: the publisher is disconnected and the reconnect window closed. */
  stopStream(ref: string): Promise<void>
  /** Timed metadata at the live edge; gives the program date-time it was placed at. */
  putMetadata(ref: string, payload: string): Promise<{ placedAt: string }>
  getRecording(streamId: string): Promise<Recording | undefined>
  /** Stored segments from that sequence number on, in order, at most a few hundred; how lost reports are made good. */
  listSegments(streamId: string, fromSeq: number): Promise<readonly StoredSegment[]>
}
