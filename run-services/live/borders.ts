import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'

/** Why a publisher is turned away; the door words it for its protocol. */
export type AdmissionRefusal = {
  reason: 'unknown-key' | 'already-live' | 'disabled' | 'at-capacity' | 'locked-out' | 'draining'
  /** One plain sentence for the publisher's log. */
  sentence: string
}

/** A key that was accepted; nothing of the media has been read yet. */
export type Admission = { channelRef: string; keyRef: string }

/** Decides on a stream key before any media flows; constant time over known keys. */
export type Admit = (streamKey: string, remoteAddress: string) => Promise<Admission | AdmissionRefusal>

/** Why the bytes of a publisher ended. */
export type PublishEnd =
  | 'unpublished'
  | 'connection-lost'
  | 'idle'
  | 'protocol-error'
  | 'no-video'
  | 'unsupported-codec'
  | 'dropped'

/** One accepted publisher connection. `tags` ends when it does; reading slowly pushes back on the socket. */
export interface Publication {
  readonly channelRef: string
  readonly keyRef: string
  readonly protocol: 'rtmp' | 'srt' | 'websocket'
  readonly remoteAddress: string
  /** FLV tags in arrival order, timestamps as sent. */
  readonly tags: AsyncIterable<FlvTag>
  /** Why `tags` ended; resolves after its last tag. */
  readonly ended: Promise<PublishEnd>
  /** Disconnects the publisher, with a sentence it can show. */
  drop(sentence: string): void
  /** Bytes received so far, and the local time (ms) of the newest. */
  received(): { bytes: number; lastAtMs: number }
}

/** Where the packager takes the encoder's output: raw fMP4 bytes per track of the plan, in order within a track. */
export interface EpochSink {
  write(track: number, bytes: Uint8Array): void
  /** Nothing more comes in this epoch; resolves when what can be completed is stored. */
  end(): Promise<void>
}

/** One show of the packager: its playlists, DVR window and recording, across epochs. */
export interface Show {
  readonly streamId: string
  /**
   * Starts a new timeline: another publisher connection or another encoder. Everything after the first open gets
   * EXT-X-DISCONTINUITY. `firstFrameAtMs` is the wall clock that program date-time counts from.
   */
  openEpoch(epoch: number, plan: LadderPlan, firstFrameAtMs: () => number): EpochSink
  /** Timed metadata at the live edge; gives the program date-time (ms) it was placed at. */
  placeCue(payload: string): number
  /** Program date-time (ms) of the end of the newest part, when there is one. */
  edgeMs(): number | undefined
  totals(): { segmentsProduced: number; segmentsStored: number; durationMs: number }
  /** Ends the show: archive playlists are written, then it resolves. */
  close(): Promise<void>
}

/** What a show tells its plane. Each is called after the fact is durable. */
export interface ShowEvents {
  segmentStored(segment: StoredSegment): void
  recordingFailed(sentence: string): void
  /** First part of an epoch is fetchable. */
  epochPlayable(epoch: number): void
}
