import { finding, type PlaylistFinding } from './playlist-finding.ts'
import { findTag, numberOf, type PlaylistText, type ReadSegment } from './playlist-text.ts'

const sequenceOf = (playlist: PlaylistText): number =>
  Number(findTag(playlist.tags, 'EXT-X-MEDIA-SEQUENCE')?.value ?? 0)
const skippedOf = (playlist: PlaylistText): number => {
  const skip = findTag(playlist.tags, 'EXT-X-SKIP')
  return skip === undefined ? 0 : numberOf(skip, 'SKIPPED-SEGMENTS')
}

function bySequence(playlist: PlaylistText): Map<number, ReadSegment> {
  const first = sequenceOf(playlist) + skippedOf(playlist)
  return new Map(playlist.segments.map((segment, index) => [first + index, segment]))
}

/** What may not change between two readings of one playlist (RFC 8216bis 6.2.1 and 6.2.2). */
export function lintReload(playlist: PlaylistText, previous: PlaylistText): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  if (sequenceOf(playlist) < sequenceOf(previous)) found.push(finding('6.2.2', 'EXT-X-MEDIA-SEQUENCE went back.'))
  const target = (of: PlaylistText): string | undefined => findTag(of.tags, 'EXT-X-TARGETDURATION')?.value
  if (target(playlist) !== target(previous)) found.push(finding('6.2.1', 'EXT-X-TARGETDURATION changed.'))
  if (
    findTag(previous.tags, 'EXT-X-ENDLIST') !== undefined &&
    playlist.lines.join('\n') !== previous.lines.join('\n')
  ) {
    found.push(finding('6.2.1', 'A playlist changed after its EXT-X-ENDLIST.'))
  }
  const before = bySequence(previous)
  for (const [sequence, segment] of bySequence(playlist)) {
    const was = before.get(sequence)
    if (was !== undefined && (was.uri !== segment.uri || durationOf(was) !== durationOf(segment))) {
      found.push(finding('6.2.1', `Segment ${sequence} changed from ${was.uri} to ${segment.uri}.`))
    }
  }
  return [...found, ...lintRemoval(playlist, previous)]
}

/** EXT-X-DISCONTINUITY-SEQUENCE grows by the discontinuities that slid out. */
function lintRemoval(playlist: PlaylistText, previous: PlaylistText): PlaylistFinding[] {
  const counter = (of: PlaylistText): number => Number(findTag(of.tags, 'EXT-X-DISCONTINUITY-SEQUENCE')?.value ?? 0)
  if (skippedOf(previous) > 0) return []
  const first = sequenceOf(playlist)
  const removed = [...bySequence(previous)]
    .filter(([sequence]) => sequence < first)
    .filter(([, { tags }]) => findTag(tags, 'EXT-X-DISCONTINUITY') !== undefined).length
  const expected = counter(previous) + removed
  const knownAll = sequenceOf(previous) + previous.segments.length >= first
  if (!knownAll || counter(playlist) === expected) return []
  return [finding('6.2.2', `EXT-X-DISCONTINUITY-SEQUENCE is ${counter(playlist)}, ${expected} were to be expected.`)]
}

function durationOf(segment: ReadSegment): string | undefined {
  return findTag(segment.tags, 'EXTINF')?.value
}
