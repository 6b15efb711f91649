import { assert, constantFrom, double, property } from 'fast-check'
import { expect, test } from 'vitest'
import { cropBox } from './crop-box.ts'

test('a crop never leaves the picture', () => {
  assert(
    property(
      constantFrom('wide' as const, 'vertical' as const, 'square' as const),
      double({ min: 0.3, max: 4, noNaN: true }),
      double({ min: 0, max: 1, noNaN: true }),
      (shape, ratio, center) => {
        const { left, width } = cropBox(shape, ratio, center)
        expect(left).toBeGreaterThanOrEqual(0)
        expect(left + width).toBeLessThanOrEqual(1 + 1e-9)
        expect(width).toBeGreaterThan(0)
      },
    ),
  )
})

test('a vertical crop of a wide picture is a little less than a third of it, around its middle', () => {
  const { left, width } = cropBox('vertical', 16 / 9, 0.5)
  expect(width).toBeCloseTo(81 / 256, 6)
  expect(left + width / 2).toBeCloseTo(0.5, 6)
})
