import { trackFor } from './rendition-choice.ts'
import type { ShowSegment } from './show-segment.ts'
import type { ShowWindow } from './show-window.ts'
import type { TrackSegment } from './track-segment.ts'

/** One quality, or the sound, as players know it for the whole show. */
export type Rendition = { name: string; kind: 'video' | 'audio'; height: number }

/** How far one rendition has come. */
export type PlaylistCursor = {
  /** Newest complete segment; one less than the first of the show when there is none. */
  completeSeq: number
  open: { segment: ShowSegment; media: TrackSegment } | undefined
}

/** The media of a segment that stands for a rendition. */
export function mediaOf(segment: ShowSegment, rendition: Rendition): TrackSegment | undefined {
  const track = trackFor(segment.epoch, rendition)
  return track === undefined ? undefined : segment.tracks.get(track.name)
}

/** Where the playlist of a rendition ends now. */
export function playlistCursor(window: ShowWindow, rendition: Rendition): PlaylistCursor {
  let open: PlaylistCursor['open']
  const { segments } = window
  for (let index = segments.length - 1; index >= 0; index -= 1) {
    const segment = segments[index]
    if (segment === undefined) break
    const media = mediaOf(segment, rendition)
    if (segment.finished || media?.complete === true) return { completeSeq: segment.seq, open }
    open = media === undefined ? undefined : { segment, media }
  }
  return { completeSeq: (segments[0]?.seq ?? 0) - 1, open }
}

/** Whether the playlist contains that segment, or that part of it (RFC 8216bis 6.2.5.2). */
export function hasReached(window: ShowWindow, rendition: Rendition, msn: number, part: number | undefined): boolean {
  const { completeSeq, open } = playlistCursor(window, rendition)
  if (part === undefined || msn < completeSeq) return completeSeq >= msn
  if (msn === completeSeq) {
    const segment = window.at(msn)
    const parts = (segment === undefined ? undefined : mediaOf(segment, rendition)?.partCount) ?? 0
    // A part beyond the last of its segment means the first of the next.
    return part < parts || (open !== undefined && open.segment.seq === msn + 1 && open.media.partCount > 0)
  }
  return open !== undefined && open.segment.seq === msn && open.media.partCount > part
}
