import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameRateFraction, snapFrameRate, sourceFrameRate } from './frame-rate.ts'

const RATES = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 50, 60_000 / 1001, 60]

test('a standard rate measured within a tenth of a percent snaps to itself', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RATES), fc.double({ min: -0.0004, max: 0.0004, noNaN: true }), (fps, error) => {
      expect(snapFrameRate(fps * (1 + error))).toBe(fps)
    }),
  )
})

test('faster sources are capped at 60, odd rates become whole ones', () => {
  expect([120, 75, 61].map(snapFrameRate)).toEqual([60, 60, 60])
  expect([14.8, 40.2, 1].map(snapFrameRate)).toEqual([15, 40, 5])
})

test('ffmpeg is given fractional rates as fractions', () => {
  expect([24_000 / 1001, 30, 15].map(frameRateFraction)).toEqual(['24000/1001', '30', '15'])
})

/** Timestamps in whole milliseconds, as FLV has them. */
function timestamps(fps: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round((index * 1000) / fps))
}

test('half a second of rounded timestamps finds every standard rate with the help of what is declared', () => {
  for (const fps of RATES) expect(snapFrameRate(sourceFrameRate([fps], timestamps(fps, 15)) ?? 0)).toBe(fps)
})

test('a declared rate that the timestamps contradict is not believed', () => {
  expect(snapFrameRate(sourceFrameRate([90_000, 60, undefined], timestamps(25, 20)) ?? 0)).toBe(25)
})

test('gaps and doubled timestamps do not spoil the measurement', () => {
  const times = timestamps(30, 40).filter((_, index) => index < 10 || index > 14)
  expect(snapFrameRate(sourceFrameRate([], [...times, 0, 33]) ?? 0)).toBe(30)
})

test('with too few frames the declared rate stands, or nothing', () => {
  expect(sourceFrameRate([25], [0])).toBe(25)
  expect(sourceFrameRate([undefined], [0, 33])).toBeUndefined()
})
