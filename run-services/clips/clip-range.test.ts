import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLIP_MS_MAX, CLIP_MS_MIN } from '#shared/domain/clip.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { clipRange } from './clip-range.ts'

const MINUTE = 60_000

test.each([
  ['empty', { start_ms: 5_000, end_ms: 5_000 }, 'clip.range'],
  ['reversed', { start_ms: 5_000, end_ms: 4_000 }, 'clip.range'],
  ['too short', { start_ms: 5_000, end_ms: 5_999 }, 'clip.range'],
  ['too long', { start_ms: 0, end_ms: 120_001 }, 'clip.range'],
  ['after the end', { start_ms: 10 * MINUTE, end_ms: 10 * MINUTE + 5_000 }, 'clip.outside-stream'],
  ['beyond the end', { start_ms: 9 * MINUTE, end_ms: 10 * MINUTE + 5_000 }, 'clip.outside-stream'],
])('a range that is %s is refused with what is wrong', (_, asked, code) => {
  expect(() => clipRange(asked, 10 * MINUTE)).toThrow(expect.objectContaining({ code }))
})

test('a player whose clock is a little ahead gets what there is', () => {
  expect(clipRange({ start_ms: 50_000, end_ms: 61_500 }, MINUTE)).toEqual({ startMs: 50_000, endMs: MINUTE })
})

test('the last seconds reach back from the newest moment, at most to the start', () => {
  expect(clipRange({ last_s: 30 }, MINUTE + 0.4)).toEqual({ startMs: 30_000, endMs: MINUTE })
  expect(clipRange({ last_s: 30 }, 8_000)).toEqual({ startMs: 0, endMs: 8_000 })
  expect(() => clipRange({ last_s: 30 }, 900)).toThrow('only just begun')
})

test('whatever is asked, the range that comes out is legal and inside the show', () => {
  const at = fc.integer({ min: 0, max: 200_000 })
  fc.assert(
    fc.property(at, at, at, (start_ms, end_ms, lengthMs) => {
      try {
        const { startMs, endMs } = clipRange({ start_ms, end_ms }, lengthMs)
        expect(endMs - startMs).toBeGreaterThanOrEqual(CLIP_MS_MIN)
        expect(endMs - startMs).toBeLessThanOrEqual(CLIP_MS_MAX)
        expect(startMs).toBe(start_ms)
        expect(endMs).toBeLessThanOrEqual(lengthMs)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
    }),
  )
})
