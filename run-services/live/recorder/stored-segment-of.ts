import { rfc3339 } from '#shared/domain/clock.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import type { EpochFacts, SegmentFacts } from '../packager/show-facts.ts'
import { recordingPrefix, segmentPath } from '../packager/show-paths.ts'

/** A journaled segment as the plane reports it; each `uri` is an object key. */
export function storedSegmentOf(streamId: string, facts: SegmentFacts, epoch: EpochFacts): StoredSegment {
  return {
    seq: facts.seq,
    epoch: facts.epoch,
    pdt: rfc3339(Math.round(epoch.zero_at_ms + facts.start_s * 1000)),
    duration_ms: Math.round(facts.duration_s * 1_000_000) / 1000,
    discontinuity: facts.discontinuity,
    renditions: facts.tracks.map(({ name, bytes, sha256 }) => ({
      name,
      uri: recordingPrefix(streamId) + segmentPath(epoch.folder, name, facts.seq),
      bytes,
      sha256,
    })),
  }
}
