import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import type { MediaFacts, StoredSegment } from '#shared/domain/provider-event.ts'
import type { PlaneChannelSettings, PlaneRecording } from '#shared/domain/plane-api.ts'
import type { Show, ShowEvents } from '../borders.ts'
import type { RejectedSource, Source } from '../ingest/read-source.ts'
import type { EncodePublicationOptions, PublicationEncoding } from '../ladder/encode-publication.ts'

export type EncodeRequest = Pick<EncodePublicationOptions, 'tags' | 'plan' | 'openSink' | 'signal'>

export type ShowRequest = {
  streamId: string
  channelPlaybackId: string
  settings: PlaneChannelSettings
  events: ShowEvents
}

/** A show that was open when its process died, as its journal tells. */
export type RestoredShow = {
  show: Show
  /** Stored segments from that sequence number on, in order. */
  segmentsFrom(seq: number): Promise<readonly StoredSegment[]>
  /** When its newest segment was stored; undefined when it has none. */
  lastStoredAtMs: number | undefined
}

/** What the plane's state machine drives: ingest, ladder, packager and recorder, each behind one verb. */
export type PlaneParts = {
  readSource(tags: AsyncIterable<FlvTag>): Promise<Source | RejectedSource>
  /** What the machine makes of a source, and the cores that takes. */
  plan(
    facts: MediaFacts,
    settings: PlaneChannelSettings,
    budget: { cores: number; inUse(): number },
  ): { plan: LadderPlan; cores: number }
  encode(request: EncodeRequest): PublicationEncoding
  openShow(request: ShowRequest): Promise<Show>
  /** Undefined when nothing of the show was ever written. */
  restoreShow(request: ShowRequest): Promise<RestoredShow | undefined>
  /** The show is over here: viewers are sent to its recording. */
  forgetShow(streamId: string): void
  recording(streamId: string): Promise<PlaneRecording | undefined>
  /** Stored segments from that sequence number on, in order, at most `limit`. */
  segments(streamId: string, fromSeq: number, limit: number): Promise<readonly StoredSegment[] | undefined>
  /** Where every object of a show's recording lies. */
  recordingPrefix(streamId: string): string
}
