import { CLIP_MS_MAX, CLIP_MS_MIN } from '#shared/domain/clip.ts'
import type { ClipRules, Pick } from '../rules-answer.ts'
import { BASELINE_MS } from './show-baseline.ts'
import { type CurvePoint, highlightCurve, MARK_REACH_MS, SMOOTH_MS } from './highlight-curve.ts'
import { SNAP_MS, snapEnd } from './snap-end.ts'
import type { Tape } from './tape.ts'

/** A show is cut into hours for the bound on picks; the count begins anew with each, in ms. */
export const HOUR_MS = 3_600_000

/** A pick with the place of its peak. */
export type HighlightPick = Pick & { at_ms: number }

/** How much of a tape is looked at before a place for what is decided there: what is usual, and its neighbours. */
export function lookBackMs(rules: ClipRules): number {
  return BASELINE_MS + 2 * reachMs(rules) + SMOOTH_MS
}

/** A pick at a place is decided once the tape is known so much further, in ms. */
export function decidedAfterMs(rules: ClipRules): number {
  return reachMs(rules) + Math.max(SMOOTH_MS, MARK_REACH_MS)
}

/**
 * What the rules pick of a tape, in order: the local peaks of the curve that reach the threshold, at most so many an hour.
 *
 * A pick is the only peak within its own reach, so no two overlap. It is decided when everything it looks at is known,
 * which no longer tape changes. Its ends move to a cut or a quiet place when one is near.
 */
export function highlightPicks(
  tape: Tape,
  rules: ClipRules,
  curve: CurvePoint[] = highlightCurve(tape, rules),
): HighlightPick[] {
  if (!rules.enabled) return []
  const reach = reachMs(rules)
  const decidedMs = tape.over ? Infinity : tape.until_ms - decidedAfterMs(rules)
  const used = new Map<number, number>()
  return peaks(curve, rules.threshold, reach).flatMap(peak => {
    const hour = Math.floor(peak.at_ms / HOUR_MS)
    const before = used.get(hour) ?? 0
    if (peak.at_ms > decidedMs || before >= rules.picks_per_hour_max) return []
    const pick = pickAround(peak, rules, curve, tape.until_ms)
    if (pick.end_ms - pick.start_ms < CLIP_MS_MIN) return []
    used.set(hour, before + 1)
    return [pick]
  })
}

/** Two picks whose peaks are so far apart cannot meet, wherever their ends move. */
function reachMs({ before_ms, after_ms }: ClipRules): number {
  return before_ms + after_ms + 2 * SNAP_MS
}

/** Points that reach the threshold and that nothing within `reach` exceeds; of equals the first. */
function peaks(curve: readonly CurvePoint[], threshold: number, reach: number): CurvePoint[] {
  const found: CurvePoint[] = []
  /** Indices of points that may still be the highest of the window, highest first. */
  const best: number[] = []
  let end = 0
  for (const point of curve) {
    while (end < curve.length && (curve[end]?.at_ms ?? Infinity) <= point.at_ms + reach) {
      while (best.length > 0 && (curve[best.at(-1) ?? 0]?.score ?? 0) < (curve[end]?.score ?? 0)) best.pop()
      best.push(end++)
    }
    while ((curve[best[0] ?? 0]?.at_ms ?? Infinity) < point.at_ms - reach) best.shift()
    if (point.score > 0 && point.score >= threshold && curve[best[0] ?? 0] === point) found.push(point)
  }
  return found
}

function pickAround(
  peak: CurvePoint,
  { before_ms, after_ms }: ClipRules,
  curve: readonly CurvePoint[],
  untilMs: number,
): HighlightPick {
  const start = Math.max(0, snapEnd(curve, peak.at_ms - before_ms, Math.min(SNAP_MS, before_ms / 2), peak.usual_db))
  const end = snapEnd(curve, peak.at_ms + after_ms, Math.min(SNAP_MS, after_ms / 2), peak.usual_db)
  return {
    start_ms: Math.round(start),
    end_ms: Math.round(Math.min(end, untilMs, start + CLIP_MS_MAX)),
    at_ms: Math.round(peak.at_ms),
    score: peak.score,
    reasons: [...peak.reasons],
  }
}
