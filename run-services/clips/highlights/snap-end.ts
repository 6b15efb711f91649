import type { CurvePoint } from './highlight-curve.ts'

/** How far an end may move, in ms. */
export const SNAP_MS = 2_000
/** A change of so much of the picture is a cut. */
const CUT_MOTION = 0.5
/** So much below the usual loudness is quiet, in LU. */
const QUIET_LU = 6

/**
 * Where a clip that should begin or end at `wantedMs` does so best: at the nearest cut within `withinMs`, else at the
 * quietest place there when it is quiet for this show, else where it was wanted.
 */
export function snapEnd(
  curve: readonly CurvePoint[],
  wantedMs: number,
  withinMs: number,
  usualDb: number | undefined,
): number {
  const near = slice(curve, wantedMs - withinMs, wantedMs + withinMs)
  const away = ({ at_ms }: { at_ms: number }) => Math.abs(at_ms - wantedMs)
  const [cut] = near
    .filter(({ motion }) => (motion ?? 0) >= CUT_MOTION)
    .sort((a, b) => away(a) - away(b) || a.at_ms - b.at_ms)
  if (cut !== undefined) return cut.at_ms
  const quietDb = (usualDb ?? -Infinity) - QUIET_LU
  const [quiet] = near
    .map(({ at_ms, loudness_db: loudness = Infinity }) => ({ at_ms, loudness }))
    .filter(({ loudness }) => loudness <= quietDb)
    .sort((a, b) => a.loudness - b.loudness || away(a) - away(b) || a.at_ms - b.at_ms)
  return quiet?.at_ms ?? wantedMs
}

/** The points of that range, found by halving: a curve may be a whole day long. */
function slice(curve: readonly CurvePoint[], fromMs: number, toMs: number): CurvePoint[] {
  let low = 0
  let high = curve.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((curve[middle]?.at_ms ?? Infinity) < fromMs) low = middle + 1
    else high = middle
  }
  const found: CurvePoint[] = []
  for (let index = low; index < curve.length; index += 1) {
    const point = curve[index]
    if (point === undefined || point.at_ms > toMs) break
    found.push(point)
  }
  return found
}
