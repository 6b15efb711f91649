/** A fragment of a playlist: where it lies in media time (s), how long it is (s), and when it was on air (epoch ms). */
export type TimedFragment = { start: number; duration: number; programDateTime: number | null }

const SECOND_MS = 1000

/** The media time (s) that was on air at `atMs`: inside a gap, the first moment after it; undefined outside the playlist. */
export function mediaTimeAt(fragments: readonly TimedFragment[], atMs: number): number | undefined {
  const first = fragments.find(fragment => fragment.programDateTime !== null)
  if (first?.programDateTime == null || atMs < first.programDateTime) return undefined
  for (const { start, duration, programDateTime } of fragments) {
    if (programDateTime === null) continue
    if (atMs < programDateTime) return start
    if (atMs < programDateTime + duration * SECOND_MS) return start + (atMs - programDateTime) / SECOND_MS
  }
  return undefined
}

/** When the media time (s) was on air, in epoch ms; the nearest fragment answers for times outside all of them. */
export function airTimeAt(fragments: readonly TimedFragment[], mediaTime: number): number | undefined {
  let best: TimedFragment | undefined
  for (const fragment of fragments) {
    if (fragment.programDateTime === null) continue
    if (best !== undefined && fragment.start > mediaTime) break
    best = fragment
  }
  if (best === undefined || best.programDateTime === null) return undefined
  return best.programDateTime + (mediaTime - best.start) * SECOND_MS
}

/** From when to when the playlist was on air, in epoch ms. */
export function airRange(fragments: readonly TimedFragment[]): { fromMs: number; toMs: number } | undefined {
  const dated = fragments.filter(fragment => fragment.programDateTime !== null)
  const first = dated[0]
  const last = dated[dated.length - 1]
  if (first?.programDateTime == null || last?.programDateTime == null) return undefined
  return { fromMs: first.programDateTime, toMs: last.programDateTime + last.duration * SECOND_MS }
}

/** Distance from a cut at which playback may begin, in s; less than a part. */
const AFTER_CUT_S = 0.05

/** A playlist as far as a join needs it; `cc` counts the discontinuities before a fragment. */
type CutPlaylist = {
  fragments: readonly { start: number; cc: number }[]
  fragmentHint?: { start: number; cc: number } | undefined
}

/**
 * Where to join instead when the live position (s) lies before the newest cut: right after it. Sound and picture end at
 * different times before a cut, and players that begin there wait for one in the run that the other has left.
 */
export function positionAfterCut(
  { fragments, fragmentHint }: CutPlaylist,
  livePosition: number | null,
): number | undefined {
  const all = fragmentHint === undefined ? fragments : [...fragments, fragmentHint]
  const newest = all.at(-1)
  if (newest === undefined || all[0]?.cc === newest.cc) return undefined
  const cut = all.find(({ cc }) => cc === newest.cc)
  if (cut === undefined || (livePosition ?? 0) > cut.start + AFTER_CUT_S) return undefined
  return cut.start + AFTER_CUT_S
}
