import { array, assert, constantFrom, double, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { airRange, airTimeAt, mediaTimeAt, positionAfterCut } from './media-timeline.ts'
import type { TimedFragment } from './media-timeline.ts'

const BASE = Date.UTC(2026, 10, 21, 18)

/** Fragments of any length with gaps in wall clock between some of them, as reconnects make. */
const playlists = array(
  record({ ms: integer({ min: 200, max: 6_000 }), gapMs: constantFrom(0, 0, 0, 1_500, 40_000) }),
  {
    minLength: 1,
    maxLength: 30,
  },
).map(pieces => {
  const fragments: TimedFragment[] = []
  let start = 0
  let at = BASE
  for (const { ms, gapMs } of pieces) {
    at += gapMs
    fragments.push({ start, duration: ms / 1000, programDateTime: at })
    start += ms / 1000
    at += ms
  }
  return fragments
})

describe('media timeline', () => {
  test('a moment on air is found again at the same media time', () => {
    assert(
      property(playlists, double({ min: 0, max: 0.999, noNaN: true }), (fragments, share) => {
        const last = fragments[fragments.length - 1]
        const mediaTime = ((last?.start ?? 0) + (last?.duration ?? 0)) * share
        const at = airTimeAt(fragments, mediaTime) ?? Number.NaN
        expect(mediaTimeAt(fragments, at)).toBeCloseTo(mediaTime, 5)
      }),
    )
  })

  test('a moment in a gap leads to the first picture after it', () => {
    const fragments = [
      { start: 0, duration: 2, programDateTime: BASE },
      { start: 2, duration: 2, programDateTime: BASE + 60_000 },
    ]
    expect(mediaTimeAt(fragments, BASE + 30_000)).toBe(2)
  })

  test('moments outside the playlist are refused', () => {
    const fragments = [{ start: 10, duration: 2, programDateTime: BASE }]
    expect(mediaTimeAt(fragments, BASE - 1)).toBeUndefined()
    expect(mediaTimeAt(fragments, BASE + 2_000)).toBeUndefined()
    expect(mediaTimeAt([], BASE)).toBeUndefined()
    expect(mediaTimeAt([{ start: 0, duration: 2, programDateTime: null }], BASE)).toBeUndefined()
  })

  test('the range spans from the first to the end of the last fragment', () => {
    assert(
      property(playlists, fragments => {
        const range = airRange(fragments)
        const last = fragments[fragments.length - 1]
        expect(range?.fromMs).toBe(fragments[0]?.programDateTime)
        expect(range?.toMs).toBe((last?.programDateTime ?? 0) + (last?.duration ?? 0) * 1000)
      }),
    )
    expect(airRange([])).toBeUndefined()
  })
})

describe('positionAfterCut()', () => {
  const before = { start: 0, cc: 0 }
  const last = { start: 2, cc: 0 }
  const after = { start: 2.333, cc: 1 }

  test('a join whose live position lies before the newest cut begins right after the cut', () => {
    expect(positionAfterCut({ fragments: [before, last], fragmentHint: after }, 2.1)).toBeCloseTo(2.383)
    expect(positionAfterCut({ fragments: [before, last, after, { start: 4.333, cc: 1 }] }, 2.34)).toBeCloseTo(2.383)
  })

  test('a join after the newest cut, or in a show without one, is left alone', () => {
    expect(positionAfterCut({ fragments: [before, last, after] }, 3)).toBeUndefined()
    expect(positionAfterCut({ fragments: [before, last] }, 1)).toBeUndefined()
    expect(positionAfterCut({ fragments: [] }, null)).toBeUndefined()
  })
})
