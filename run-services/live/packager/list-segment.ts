import type { PlaylistSegment } from '#shared/media/hls/media-segment.ts'
import type { PlaylistPart } from '#shared/media/hls/partial-segment.ts'
import type { TrackFacts } from './show-facts.ts'
import { initPath, partPath, relativePath, segmentPath } from './show-paths.ts'
import type { ShowSegment } from './show-segment.ts'
import type { TrackSegment } from './track-segment.ts'

/** What a playlist says of a segment before its parts and its URI. */
export type SegmentPlace = Pick<PlaylistSegment, 'pdtMs' | 'mapUri' | 'discontinuity' | 'gap'>

/** Where a segment of that track stands, as the playlist at `from` words it. */
export function placeSegment(
  segment: ShowSegment,
  track: TrackFacts | undefined,
  media: TrackSegment | undefined,
  from: string,
): SegmentPlace {
  const { epoch } = segment
  return {
    pdtMs: Math.round(epoch.zero_at_ms + (media?.startS ?? segment.startS) * 1000),
    mapUri: track === undefined ? undefined : relativePath(from, initPath(epoch.folder, track.name, epoch.epoch)),
    discontinuity: segment.discontinuity,
    gap: media === undefined || segment.storage === 'lost',
  }
}

/** A complete segment as the playlist at `from` lists it. */
export function listSegment(segment: ShowSegment, track: TrackFacts | undefined, from: string): PlaylistSegment {
  const media = track === undefined ? undefined : segment.tracks.get(track.name)
  return {
    ...placeSegment(segment, track, media, from),
    uri: relativePath(from, segmentPath(segment.epoch.folder, track?.name ?? 'none', segment.seq)),
    durationS: media?.durationS ?? segment.durationS,
  }
}

/** The parts of a segment that are in memory, as the playlist at `from` lists them. */
export function listParts(segment: ShowSegment, media: TrackSegment, from: string): PlaylistPart[] {
  return (media.parts ?? []).map((part, index) => ({
    uri: relativePath(from, partPath(segment.epoch.folder, media.track, segment.seq, index)),
    durationS: part.durationS,
    independent: part.independent,
  }))
}
