import { hasReached, playlistCursor, type Rendition } from './playlist-cursor.ts'
import type { ShowWindow } from './show-window.ts'

/** A reload may ask this many segments ahead (RFC 8216bis 6.2.5.2). */
const AHEAD_SEGMENTS_MAX = 2
/** And this many seconds of parts ahead of the newest. */
const AHEAD_PARTS_S = 3

/** Whether a blocking reload can be answered: now, later, or never because it asks too far ahead. */
export type ReloadVerdict = 'ready' | 'wait' | 'too-far'

/** Judges a reload that waits for a segment, or for a part of it (RFC 8216bis 6.2.5.2). */
export function reloadVerdict(
  window: ShowWindow,
  rendition: Rendition,
  asked: { msn: number; part: number | undefined; partTargetS: number | undefined },
): ReloadVerdict {
  const { msn, part, partTargetS } = asked
  if (hasReached(window, rendition, msn, part)) return 'ready'
  const { completeSeq, open } = playlistCursor(window, rendition)
  if (msn > completeSeq + AHEAD_SEGMENTS_MAX) return 'too-far'
  if (part === undefined || partTargetS === undefined) return 'wait'
  const newestPart = msn === (open?.segment.seq ?? completeSeq) ? (open?.media.partCount ?? 0) - 1 : 0
  return part > newestPart + Math.ceil(AHEAD_PARTS_S / Math.min(1, partTargetS)) ? 'too-far' : 'wait'
}
