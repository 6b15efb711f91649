import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { CLIP_MS_MAX, clipRangeSeen } from './clip-range-seen.ts'

const STARTED = Date.UTC(2026, 10, 21, 18)

test('what was seen is counted from the start of the show, in whole ms', () => {
  expect(clipRangeSeen(STARTED, { fromMs: STARTED + 60_000.4, toMs: STARTED + 90_000.6 })).toEqual({
    start_ms: 60_001,
    end_ms: 90_001,
  })
})

test('any range seen is a range the API takes: not before the show, not empty, not longer than a clip', () => {
  assert(
    property(integer({ min: -60_000, max: 90_000_000 }), integer({ min: 1, max: 90_000_000 }), (from, length) => {
      const seen = { fromMs: STARTED + from, toMs: STARTED + from + length }
      const { start_ms: start, end_ms: end } = clipRangeSeen(STARTED, seen)
      expect(start).toBeGreaterThanOrEqual(0)
      expect(end).toBeGreaterThan(start)
      expect(end - start).toBeLessThanOrEqual(CLIP_MS_MAX)
    }),
  )
})
