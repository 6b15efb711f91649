import { assert, constantFrom, double, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { CLIP_MS_MIN, movedEnd, shareIn, windowAround } from './time-window.ts'

const SHOW_MS = 600_000
const ranges = record({
  from: integer({ min: 0, max: SHOW_MS - 120_000 }),
  length: integer({ min: CLIP_MS_MIN, max: 120_000 }),
}).map(({ from, length }) => ({ from, to: from + length }))

test('the window holds the whole range and no moment outside the show', () => {
  assert(
    property(ranges, integer({ min: 0, max: 6 }), (range, zoom) => {
      const window = windowAround(range, SHOW_MS, zoom)
      expect(window.from).toBeGreaterThanOrEqual(0)
      expect(window.to).toBeLessThanOrEqual(SHOW_MS)
      expect(shareIn(window, range.from)).toBeGreaterThanOrEqual(0)
      expect(shareIn(window, range.to)).toBeLessThanOrEqual(1)
    }),
  )
})

test('wherever an end is dragged, the range stays a clip: 1 to 120 s, inside the show, whole ms', () => {
  const wishes = double({ min: -1e6, max: 2e6, noNaN: true })
  assert(
    property(ranges, constantFrom('from', 'to'), wishes, (range, end, wished) => {
      const moved = movedEnd(range, end, wished, SHOW_MS)
      expect(moved.to - moved.from).toBeGreaterThanOrEqual(CLIP_MS_MIN)
      expect(moved.to - moved.from).toBeLessThanOrEqual(120_000)
      expect(moved.from).toBeGreaterThanOrEqual(0)
      expect(moved.to).toBeLessThanOrEqual(SHOW_MS)
      expect(Number.isInteger(moved.from) && Number.isInteger(moved.to)).toBe(true)
    }),
  )
})
