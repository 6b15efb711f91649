/** Shortest and longest clip, in ms; the server has the same bounds. */
export const CLIP_MS_MIN = 1_000
const CLIP_MS_MAX = 120_000
/** What is shown before and after a range at least, in ms, and as a share of its length. */
const PAD_MS_MIN = 4_000
const PAD_SHARE = 0.4

/** A part of a show, in ms from its start. */
export type Span = { from: number; to: number }

/** What a timeline shows around a range; each step of `zoom` shows twice as much. Stays inside the show. */
export function windowAround(range: Span, showMs: number, zoom: number): Span {
  const pad = Math.max(PAD_MS_MIN, (range.to - range.from) * PAD_SHARE) * 2 ** zoom
  return { from: Math.max(0, range.from - pad), to: Math.min(Math.max(showMs, range.to), range.to + pad) }
}

/** Where a moment lies in a window, as a share of it; below 0 and above 1 outside. */
export function shareIn(window: Span, atMs: number): number {
  return (atMs - window.from) / Math.max(1, window.to - window.from)
}

/** The range after one of its ends was wished elsewhere: inside the show, in whole ms, neither too short nor too long. */
export function movedEnd(range: Span, end: keyof Span, wishedMs: number, showMs: number): Span {
  const whole = Math.round(wishedMs)
  if (end === 'from') {
    const least = Math.max(0, range.to - CLIP_MS_MAX)
    return { from: Math.max(least, Math.min(whole, range.to - CLIP_MS_MIN)), to: range.to }
  }
  const most = Math.min(Math.max(showMs, range.to), range.from + CLIP_MS_MAX)
  return { from: range.from, to: Math.min(most, Math.max(whole, range.from + CLIP_MS_MIN)) }
}
