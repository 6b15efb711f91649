import { decimal, tagWith } from './attribute-list.ts'
import { type PlaylistPart, partTag } from './partial-segment.ts'

/** One segment of one playlist; immutable, so that its lines are written once however often the playlist is rendered. */
export type PlaylistSegment = {
  uri: string
  durationS: number
  /** Program date-time of its first frame; absent where the media know no wall clock. */
  pdtMs: number | undefined
  /** Initialization segment of everything from here on; a gap may have none. */
  mapUri: string | undefined
  /** The timeline starts anew here. */
  discontinuity: boolean
  /** The media is absent; the URI must not be loaded. */
  gap: boolean
}

/** EXT-X-MAP (RFC 8216bis 4.4.4.5), required before fragmented MP4: URI (required). */
function mapTag(uri: string): string {
  return tagWith('EXT-X-MAP', { URI: { quoted: uri } })
}

/** EXT-X-PROGRAM-DATE-TIME (RFC 8216bis 4.4.4.6), ISO 8601 with milliseconds and zone. */
function programDateTimeTag(pdtMs: number): string {
  return `#EXT-X-PROGRAM-DATE-TIME:${new Date(pdtMs).toISOString()}`
}

/**
 * The lines before a segment's parts: EXT-X-DISCONTINUITY (RFC 8216bis 4.4.4.3), EXT-X-MAP when it differs from the one
 * in force, EXT-X-PROGRAM-DATE-TIME, EXT-X-GAP (4.4.4.7).
 */
export function segmentHead(
  segment: Omit<PlaylistSegment, 'durationS' | 'uri'>,
  mapInForce: string | undefined,
): string[] {
  return [
    ...(segment.discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(segment.mapUri === undefined || segment.mapUri === mapInForce ? [] : [mapTag(segment.mapUri)]),
    ...(segment.pdtMs === undefined ? [] : [programDateTimeTag(segment.pdtMs)]),
    ...(segment.gap ? ['#EXT-X-GAP'] : []),
  ]
}

/** EXTINF (RFC 8216bis 4.4.4.1, required) and the URI. */
function segmentTail(segment: PlaylistSegment): string[] {
  return [`#EXTINF:${decimal(segment.durationS)},`, segment.uri]
}

type Written = { mapInForce: string | undefined; lines: string }
const written = new WeakMap<PlaylistSegment, Written>()

/** All lines of a segment, its parts first when given. */
export function segmentLines(
  segment: PlaylistSegment,
  mapInForce: string | undefined,
  parts: readonly PlaylistPart[] = [],
): string {
  if (parts.length > 0) {
    return [...segmentHead(segment, mapInForce), ...parts.map(partTag), ...segmentTail(segment)].join('\n')
  }
  const known = written.get(segment)
  if (known !== undefined && known.mapInForce === mapInForce) return known.lines
  const lines = [...segmentHead(segment, mapInForce), ...segmentTail(segment)].join('\n')
  written.set(segment, { mapInForce, lines })
  return lines
}
