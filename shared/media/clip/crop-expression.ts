import type { CropKnot } from './crop-path.ts'

const DIGITS = 5

/**
 * The path as an expression of time `t` (s) for an ffmpeg filter: level before the first knot and after the last, straight
 * between two. It is a tree, so that each frame compares a handful of times.
 */
export function cropExpression(knots: readonly CropKnot[]): string {
  const [first, last] = [knots[0], knots.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('A path has at least one knot.')
  const pieces = knots.slice(1).map((to, index) => ({ untilS: to.atS, text: straight(knots[index] ?? first, to) }))
  return choose([
    { untilS: first.atS, text: fixed(first.center) },
    ...pieces,
    { untilS: Infinity, text: fixed(last.center) },
  ])
}

type Piece = { untilS: number; text: string }

function choose(pieces: readonly Piece[]): string {
  const half = Math.ceil(pieces.length / 2)
  const boundary = pieces[half - 1]
  if (boundary === undefined || pieces.length === 1) return pieces[0]?.text ?? ''
  return `if(lt(t,${fixed(boundary.untilS)}),${choose(pieces.slice(0, half))},${choose(pieces.slice(half))})`
}

function straight(from: CropKnot, to: CropKnot): string {
  const slope = (to.center - from.center) / (to.atS - from.atS)
  return `${fixed(from.center)}+${fixed(slope)}*(t-${fixed(from.atS)})`
}

/** Parentheses keep a minus sign from meeting an operator. */
function fixed(value: number): string {
  const text = value.toFixed(DIGITS)
  return value < 0 ? `(${text})` : text
}
