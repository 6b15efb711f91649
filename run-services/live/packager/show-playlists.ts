import { type MediaPlaylist, renderMediaPlaylist } from '#shared/media/hls/media-playlist.ts'
import type { PlaylistSegment } from '#shared/media/hls/media-segment.ts'
import type { PlaylistPart } from '#shared/media/hls/partial-segment.ts'
import type { RenditionReport } from '#shared/media/hls/rendition-report.ts'
import { listParts, listSegment, placeSegment } from './list-segment.ts'
import { mediaOf, playlistCursor, type PlaylistCursor, type Rendition } from './playlist-cursor.ts'
import { trackFor } from './rendition-choice.ts'
import type { EpochFacts } from './show-facts.ts'
import { partPath, relativePath } from './show-paths.ts'
import type { ShowSegment } from './show-segment.ts'
import { LIVE_WINDOW_S, type ShowWindow } from './show-window.ts'

/** Parts are listed this many target durations back from the edge, the most RFC 8216bis 6.2.2 lets them be of use. */
const PARTS_TARGETS = 3

export type PlaylistKind = 'live' | 'dvr'

export type ShowState = {
  /** Folder of the playlists. */
  home: string
  window: ShowWindow
  /** The encoder run that is on, if one is. */
  running: EpochFacts | undefined
  renditions: readonly Rendition[]
  targetDurationS: number
  partTargetS: number | undefined
  ended: boolean
}

export const playlistPath = (home: string, rendition: string, kind: PlaylistKind): string =>
  `${home}/${rendition}/${kind}.m3u8`

/** The text of one media playlist of a show as it is now. */
export function mediaPlaylistText(show: ShowState, rendition: Rendition, kind: PlaylistKind, skip: boolean): string {
  return renderMediaPlaylist(mediaPlaylist(show, rendition, kind), { skip })
}

function mediaPlaylist(show: ShowState, rendition: Rendition, kind: PlaylistKind): MediaPlaylist {
  const { window, partTargetS } = show
  const from = playlistPath(show.home, rendition.name, kind)
  const cursor = playlistCursor(window, rendition)
  const firstSeq = window.startOf(kind === 'live' ? LIVE_WINDOW_S : window.dvrWindowS)
  const listed = window.segments.filter(({ seq }) => seq >= firstSeq && seq <= cursor.completeSeq)
  return {
    kind: 'live',
    targetDurationS: show.targetDurationS,
    partTargetS,
    mediaSequence: firstSeq,
    discontinuitySequence: window.discontinuitiesBefore(firstSeq),
    segments: listed.map(segment => listedOnce(segment, rendition, from)),
    partsOf: partTargetS === undefined ? new Map() : recentParts(show, listed, rendition, from),
    open: partTargetS === undefined ? undefined : openSegment(cursor, rendition, from),
    preloadHint: preloadHint(show, cursor, rendition, from),
    reports: show.renditions.filter(other => other !== rendition).flatMap(other => report(show, other, from, kind)),
    ended: show.ended,
  }
}

/** The same object as long as the segment is listed the same way, so that its lines are written once. */
function listedOnce(segment: ShowSegment, rendition: Rendition, from: string): PlaylistSegment {
  const known = segment.listed.get(rendition.name)
  if (known !== undefined && known.gap === (segment.storage === 'lost' || mediaOf(segment, rendition) === undefined)) {
    return known
  }
  const made = listSegment(segment, trackFor(segment.epoch, rendition), from)
  segment.listed.set(rendition.name, made)
  return made
}

function recentParts(show: ShowState, listed: readonly ShowSegment[], rendition: Rendition, from: string) {
  const parts = new Map<number, PlaylistPart[]>()
  let afterS = 0
  for (let index = listed.length - 1; index >= 0 && afterS < PARTS_TARGETS * show.targetDurationS; index -= 1) {
    const segment = listed[index]
    const media = segment === undefined ? undefined : mediaOf(segment, rendition)
    if (segment === undefined || media === undefined) continue
    parts.set(index, listParts(segment, media, from))
    afterS += media.durationS
  }
  return parts
}

function openSegment({ open }: PlaylistCursor, rendition: Rendition, from: string): MediaPlaylist['open'] {
  if (open === undefined) return undefined
  const { segment, media } = open
  return {
    ...placeSegment(segment, trackFor(segment.epoch, rendition), media, from),
    parts: listParts(segment, media, from),
  }
}

function preloadHint(show: ShowState, cursor: PlaylistCursor, rendition: Rendition, from: string): string | undefined {
  const { running, partTargetS } = show
  const track = running === undefined ? undefined : trackFor(running, rendition)
  if (running === undefined || track === undefined || partTargetS === undefined || show.ended) return undefined
  const [seq, part] =
    cursor.open === undefined ? [cursor.completeSeq + 1, 0] : [cursor.open.segment.seq, cursor.open.media.partCount]
  return relativePath(from, partPath(running.folder, track.name, seq, part))
}

function report(show: ShowState, other: Rendition, from: string, kind: PlaylistKind): RenditionReport[] {
  const { completeSeq, open } = playlistCursor(show.window, other)
  const uri = relativePath(from, playlistPath(show.home, other.name, kind))
  if (show.partTargetS === undefined) return completeSeq < 0 ? [] : [{ uri, lastMsn: completeSeq, lastPart: undefined }]
  if (open !== undefined) return [{ uri, lastMsn: open.segment.seq, lastPart: open.media.partCount - 1 }]
  const complete = show.window.at(completeSeq)
  if (complete === undefined) return []
  const parts = mediaOf(complete, other)?.partCount ?? 1
  return [{ uri, lastMsn: completeSeq, lastPart: Math.max(0, parts - 1) }]
}
