import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cropExpression } from './crop-expression.ts'
import { CROP_KNOTS_MAX, CROP_SPEED_MAX, type CropKnot, cropPath, LOOK_HZ } from './crop-path.ts'
import { GRAY_HEIGHT, GRAY_WIDTH, grayPictures, pictureChange } from './gray-pictures.ts'

const PIXELS = GRAY_WIDTH * GRAY_HEIGHT
const BOX = 6

/** A dark picture with a bright box whose middle is at that share of the width. */
function boxAt(center: number): Uint8Array {
  const left = Math.round(center * GRAY_WIDTH - BOX / 2)
  return Uint8Array.from({ length: PIXELS }, (_, index) => {
    const [x, y] = [index % GRAY_WIDTH, Math.floor(index / GRAY_WIDTH)]
    return x >= left && x < left + BOX && y >= 12 && y < 24 ? 230 : 20
  })
}

function centerAt(path: readonly CropKnot[], atS: number): number {
  const after = path.findIndex(knot => knot.atS >= atS)
  const [from, to] = [path[Math.max(0, after - 1)], after < 0 ? path.at(-1) : path[after]]
  if (from === undefined || to === undefined) throw new Error('The path is empty.')
  if (after <= 0 || from.atS === to.atS) return to.center
  return from.center + ((atS - from.atS) / (to.atS - from.atS)) * (to.center - from.center)
}

const overSeconds = (seconds: number, picture: (atS: number) => Uint8Array) =>
  Array.from({ length: seconds * LOOK_HZ }, (_, index) => picture(index / LOOK_HZ))

test('the crop follows a box from left to right within a tenth of the width', () => {
  const truth = (atS: number) => 0.15 + 0.07 * atS
  const path = cropPath(overSeconds(10, atS => boxAt(truth(atS))))
  for (let atS = 0; atS < 10; atS += 0.1) expect(Math.abs(centerAt(path, atS) - truth(atS))).toBeLessThan(0.1)
  expect(path.length).toBeLessThan(8)
})

test('a box that turns round is followed both ways', () => {
  const truth = (atS: number) => 0.5 + 0.3 * Math.sin(atS * 0.7)
  const path = cropPath(overSeconds(12, atS => boxAt(truth(atS))))
  for (let atS = 0.4; atS < 11.6; atS += 0.1) expect(Math.abs(centerAt(path, atS) - truth(atS))).toBeLessThan(0.1)
})

test('a still picture, no picture and a cut between stills keep the middle', () => {
  const still = boxAt(0.2)
  const other = new Uint8Array(PIXELS).fill(240)
  const middle = [{ atS: 0, center: 0.5 }]
  expect(cropPath([])).toEqual(middle)
  expect(cropPath(overSeconds(4, () => still))).toEqual(middle)
  expect(cropPath(overSeconds(4, atS => (atS < 2 ? still : other)))).toEqual(middle)
})

test('any pictures give at most forty knots inside the picture, in time order and within the speed limit', () => {
  const picture = fc.uint8Array({ minLength: PIXELS, maxLength: PIXELS })
  const jumpy = fc.array(fc.double({ min: 0.1, max: 0.9, noNaN: true }).map(boxAt), { maxLength: 600 })
  fc.assert(
    fc.property(fc.oneof(jumpy, fc.array(picture, { maxLength: 40 })), pictures => {
      const path = cropPath(pictures)
      expect(path.length).toBeGreaterThan(0)
      expect(path.length).toBeLessThanOrEqual(CROP_KNOTS_MAX)
      for (const [index, { atS, center }] of path.entries()) {
        expect(center).toBeGreaterThanOrEqual(0)
        expect(center).toBeLessThanOrEqual(1)
        const before = path[index - 1]
        if (before === undefined) continue
        expect(atS).toBeGreaterThan(before.atS)
        const speed = Math.abs(center - before.center) / (atS - before.atS)
        expect(speed).toBeLessThanOrEqual(CROP_SPEED_MAX + 1e-6)
      }
    }),
    { numRuns: 40 },
  )
})

/** Evaluates the few words the expression is made of. */
function evaluate(expression: string, t: number): number {
  const body = expression.replaceAll('if(lt(', 'choose(less(')
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  const run = new Function('t', 'choose', 'less', `return ${body}`) as (...words: unknown[]) => number
  return run(
    t,
    (condition: boolean, yes: number, no: number) => (condition ? yes : no),
    (a: number, b: number) => a < b,
  )
}

test('the expression is the path: level outside, straight between knots', () => {
  const knot = fc.record({
    gap: fc.double({ min: 0.2, max: 9, noNaN: true }),
    center: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(knot, { minLength: 1, maxLength: CROP_KNOTS_MAX }), knots => {
      let atS = 0
      const path = knots.map(({ gap, center }) => ({ atS: (atS += gap), center }))
      const text = cropExpression(path)
      expect(text).not.toMatch(/[';[\]\s]/u)
      for (let time = 0; time < atS + 2; time += 0.37) {
        const level = time <= (path[0]?.atS ?? 0) ? path[0]?.center : time >= atS ? path.at(-1)?.center : undefined
        expect(evaluate(text, time)).toBeCloseTo(level ?? centerAt(path, time), 3)
      }
    }),
    { numRuns: 60 },
  )
})

test('a change is told by its share and its middle; noise is none', () => {
  const [left, right] = [boxAt(0.25), boxAt(0.75)]
  expect(pictureChange(left, left)).toEqual({ share: 0, center: undefined })
  expect(
    pictureChange(
      left,
      left.map(gray => gray + 5),
    ),
  ).toEqual({ share: 0, center: undefined })
  const { share, center } = pictureChange(left, right)
  expect(share).toBeCloseTo((2 * BOX * 12) / PIXELS, 5)
  expect(center).toBeCloseTo(0.5, 1)
  expect(grayPictures(new Uint8Array(PIXELS * 2 + 7))).toHaveLength(2)
})
