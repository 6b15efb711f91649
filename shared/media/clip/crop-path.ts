import { pictureChange } from './gray-pictures.ts'

/** Where the middle of a crop is at one time, 0 (left) to 1 (right) of the source; between two knots it moves evenly. */
export type CropKnot = { atS: number; center: number }

/** Small pictures per second that the path is made from. */
export const LOOK_HZ = 5
/** Fastest the crop moves, in widths of the source per second; faster makes people seasick. */
export const CROP_SPEED_MAX = 1 / 3
/** Most knots of one path: what an expression of the encoder carries. */
export const CROP_KNOTS_MAX = 40

/** Where the crop stays when nothing says otherwise. */
const MIDDLE = 0.5
/** Share of the picture from which a change is a cut to another one, which says nothing of where the action is. */
const CUT_SHARE = 0.6
/** Share of the picture below which a change says nothing. */
const STILL_SHARE = 0.001
/** Share from which on a larger change weighs no more: a large thing is not more interesting than a small one. */
const FULL_SHARE = 0.05
/** How far around a moment changes count, as the deviation of a bell curve, in s. */
const SMOOTH_S = 0.6
/** How far the simplified path may leave the smooth one, in widths; what is smaller looks like a shaking hand. */
const TOLERANCE = 0.012
const TOLERANCE_GROWTH = 1.4

type Observation = { atS: number; center: number; weight: number }

/**
 * Follows where a picture moves: pictures `LOOK_HZ` a second become the path of a crop's middle, smooth, never faster than
 * `CROP_SPEED_MAX`, with at most `CROP_KNOTS_MAX` knots from 0 on. A still picture keeps the middle.
 */
export function cropPath(pictures: readonly Uint8Array[]): CropKnot[] {
  const seen = observations(pictures)
  if (seen.length === 0) return [{ atS: 0, center: MIDDLE }]
  const centers = slowed(filled(pictures.map((_, index) => smoothAt(seen, index / LOOK_HZ))))
  return simplified(centers.map((center, index) => ({ atS: index / LOOK_HZ, center })))
}

function observations(pictures: readonly Uint8Array[]): Observation[] {
  return pictures.slice(1).flatMap((picture, index) => {
    const { share, center } = pictureChange(pictures[index] ?? picture, picture)
    if (center === undefined || share < STILL_SHARE || share > CUT_SHARE) return []
    // What differs lies where the thing was and where it is: its place is that of the moment between.
    return [{ atS: (index + 0.5) / LOOK_HZ, center, weight: Math.min(share, FULL_SHARE) }]
  })
}

/** A line fitted to the changes around a moment, so that the ends of a clip do not lag; undefined far from any. */
function smoothAt(seen: readonly Observation[], atS: number): number | undefined {
  let [weight, times, centers, squares, products] = [0, 0, 0, 0, 0]
  let [lowest, highest] = [1, 0]
  for (const each of seen) {
    const time = each.atS - atS
    if (Math.abs(time) > 2 * SMOOTH_S) continue
    const share = each.weight * Math.exp(-0.5 * (time / SMOOTH_S) ** 2)
    weight += share
    times += share * time
    centers += share * each.center
    squares += share * time * time
    products += share * time * each.center
    lowest = Math.min(lowest, each.center)
    highest = Math.max(highest, each.center)
  }
  if (weight === 0) return undefined
  const spread = squares / weight - (times / weight) ** 2
  const slope = spread < 1 / LOOK_HZ ** 2 ? 0 : (products / weight - (times / weight) * (centers / weight)) / spread
  return clamp(centers / weight - slope * (times / weight), lowest, highest)
}

/** Moments without an answer take it from their neighbours: the nearest at the ends, evenly between two. */
function filled(values: readonly (number | undefined)[]): number[] {
  const known = values.flatMap((value, index) => (value === undefined ? [] : [{ index, value }]))
  let next = 0
  return values.map((value, index) => {
    if (value !== undefined) return value
    while (next < known.length && (known[next]?.index ?? 0) < index) next += 1
    const [before, after] = [known[next - 1], known[next]]
    if (before === undefined || after === undefined) return (before ?? after)?.value ?? MIDDLE
    const share = (index - before.index) / (after.index - before.index)
    return before.value + share * (after.value - before.value)
  })
}

/** The nearest path that keeps the speed limit: halfway between the lowest one above and the highest one below. */
function slowed(centers: readonly number[]): number[] {
  const step = CROP_SPEED_MAX / LOOK_HZ
  const bound = (values: readonly number[], pick: (a: number, b: number) => number, grow: number): number[] => {
    const bounded = [...values]
    const meet = (index: number, from: number): void => {
      bounded[index] = pick(bounded[index] ?? 0, (bounded[from] ?? 0) + grow)
    }
    for (let index = 1; index < bounded.length; index += 1) meet(index, index - 1)
    for (let index = bounded.length - 2; index >= 0; index -= 1) meet(index, index + 1)
    return bounded
  }
  const upper = bound(centers, Math.max, -step)
  const lower = bound(centers, Math.min, step)
  return upper.map((value, index) => (value + (lower[index] ?? value)) / 2)
}

/** Drops knots that a straight line between others stands for, and as many more as the bound asks. */
function simplified(knots: readonly CropKnot[]): CropKnot[] {
  for (let tolerance = TOLERANCE; ; tolerance *= TOLERANCE_GROWTH) {
    const kept = thinned(knots, tolerance)
    if (kept.length <= CROP_KNOTS_MAX) return kept
  }
}

/** Ramer, Douglas and Peucker's simplification, with the distance taken upright. */
function thinned(knots: readonly CropKnot[], tolerance: number): CropKnot[] {
  const [first, last] = [knots[0], knots.at(-1)]
  if (first === undefined || last === undefined || knots.length < 3) return [...knots]
  let [worst, farthest] = [0, 0]
  for (let index = 1; index < knots.length - 1; index += 1) {
    const knot = knots[index] ?? first
    const share = (knot.atS - first.atS) / (last.atS - first.atS)
    const off = Math.abs(knot.center - first.center - share * (last.center - first.center))
    if (off > farthest) [worst, farthest] = [index, off]
  }
  if (farthest <= tolerance) return [first, last]
  return [...thinned(knots.slice(0, worst + 1), tolerance).slice(0, -1), ...thinned(knots.slice(worst), tolerance)]
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
