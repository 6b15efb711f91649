import { tagWith } from './attribute-list.ts'
import { type PlaylistSegment, segmentHead, segmentLines } from './media-segment.ts'
import { type PlaylistPart, partInfTag, partTag, preloadHintTag } from './partial-segment.ts'
import { type RenditionReport, renditionReportTag } from './rendition-report.ts'
import { serverControlTag, skipUntilS } from './server-control.ts'

/** The segment that is still being made: its parts so far. */
export type OpenSegment = Omit<PlaylistSegment, 'uri' | 'durationS'> & { parts: readonly PlaylistPart[] }

export type MediaPlaylist = {
  targetDurationS: number
  /** `undefined` for a playlist without parts. */
  partTargetS: number | undefined
  mediaSequence: number
  discontinuitySequence: number
  segments: readonly PlaylistSegment[]
  /** Parts of the last segments, by index into `segments`; others are listed whole. */
  partsOf: ReadonlyMap<number, readonly PlaylistPart[]>
  open: OpenSegment | undefined
  /** The part a player may ask for before it exists. */
  preloadHint: string | undefined
  reports: readonly RenditionReport[]
  /** `live` slides; `vod` is whole and final. */
  kind: 'live' | 'vod'
  ended: boolean
}

/** Protocol version that EXT-X-SKIP needs (RFC 8216bis 8); EXT-X-MAP in such a playlist needs 6. */
const VERSION = 9

/**
 * The head of a media playlist (RFC 8216bis 4.4.1 to 4.4.3): EXTM3U (required), EXT-X-VERSION (required), EXT-X-TARGETDURATION
 * (required), EXT-X-SERVER-CONTROL, EXT-X-PART-INF, EXT-X-MEDIA-SEQUENCE, EXT-X-DISCONTINUITY-SEQUENCE.
 */
function head(playlist: MediaPlaylist, canSkip: boolean): string[] {
  const { targetDurationS, partTargetS } = playlist
  const live = playlist.kind === 'live'
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetDurationS}`,
    ...(live ? [serverControlTag({ targetDurationS, partTargetS, canSkip })] : ['#EXT-X-PLAYLIST-TYPE:VOD']),
    ...(live && partTargetS !== undefined ? [partInfTag(partTargetS)] : []),
    `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`,
    ...(live ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`] : []),
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ]
}

/** How many of the first segments lie before the skip boundary (RFC 8216bis 4.4.3.8). */
function skippable(playlist: MediaPlaylist): number {
  let afterS = playlist.open?.parts.reduce((sum, part) => sum + part.durationS, 0) ?? 0
  let index = playlist.segments.length
  while (index > 0) {
    afterS += playlist.segments[index - 1]?.durationS ?? 0
    if (afterS > skipUntilS(playlist.targetDurationS)) break
    index -= 1
  }
  return Math.max(0, index - 1)
}

function tail(playlist: MediaPlaylist, mapInForce: string | undefined): string[] {
  const { open } = playlist
  const openLines =
    open === undefined || open.parts.length === 0 ? [] : [...segmentHead(open, mapInForce), ...open.parts.map(partTag)]
  if (playlist.ended) return [...openLines, '#EXT-X-ENDLIST']
  return [
    ...openLines,
    ...(playlist.preloadHint === undefined ? [] : [preloadHintTag(playlist.preloadHint)]),
    ...playlist.reports.map(renditionReportTag),
  ]
}

/**
 * Writes a media playlist (RFC 8216bis 4.4). With `skip` it writes a delta update (6.2.5.1): EXT-X-SKIP (4.4.5.2) stands for
 * the segments before the skip boundary; the whole playlist when there are none.
 */
export function renderMediaPlaylist(playlist: MediaPlaylist, options: { skip?: boolean } = {}): string {
  const canSkip = playlist.kind === 'live'
  const skipped = canSkip && options.skip === true ? skippable(playlist) : 0
  const lines = head(playlist, canSkip)
  if (skipped > 0) lines.push(tagWith('EXT-X-SKIP', { 'SKIPPED-SEGMENTS': skipped }))
  let mapInForce = playlist.segments.slice(0, skipped).findLast(({ mapUri }) => mapUri !== undefined)?.mapUri
  for (let index = skipped; index < playlist.segments.length; index += 1) {
    const segment = playlist.segments[index]
    if (segment === undefined) break
    lines.push(segmentLines(segment, mapInForce, playlist.partsOf.get(index)))
    mapInForce = segment.mapUri ?? mapInForce
  }
  lines.push(...tail(playlist, mapInForce), '')
  return lines.join('\n')
}
