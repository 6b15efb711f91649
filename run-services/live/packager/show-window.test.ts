import { expect, test } from 'vitest'
import type { EpochFacts } from './show-facts.ts'
import { ShowSegment } from './show-segment.ts'
import { LIVE_WINDOW_S, ShowWindow } from './show-window.ts'
import { TrackSegment } from './track-segment.ts'

const EPOCH: EpochFacts = {
  epoch: 1,
  folder: 'v1',
  fps: 30,
  gop_s: 2,
  zero_at_ms: 0,
  first_seq: 0,
  first_s: 0,
  show_began_ms: 0,
  tracks: [],
}
const SEGMENT_S = 2

/** Adds a finished segment with one discontinuity in ten; `stored` says how the recording fared. */
function add(window: ShowWindow, seq: number, stored: boolean): void {
  const segment = new ShowSegment(seq, EPOCH, seq * SEGMENT_S, seq % 10 === 9)
  const media = new TrackSegment('180p', seq * SEGMENT_S)
  media.add({ startS: seq * SEGMENT_S, durationS: SEGMENT_S, independent: true, bytes: new Uint8Array(1000) })
  segment.tracks.set('180p', media)
  window.open(segment)
  segment.finished = true
  window.finished(segment)
  if (stored) {
    segment.storage = 'stored'
    window.trim()
  }
}

const inMemory = (window: ShowWindow): number => window.segments.filter(segment => segment.inMemory).length

test.each([
  { recorded: true, dvrWindowS: 120, listed: 60, held: LIVE_WINDOW_S / SEGMENT_S },
  { recorded: true, dvrWindowS: 0, listed: LIVE_WINDOW_S / SEGMENT_S, held: LIVE_WINDOW_S / SEGMENT_S },
  { recorded: false, dvrWindowS: 0, listed: (2 * LIVE_WINDOW_S) / SEGMENT_S, held: (2 * LIVE_WINDOW_S) / SEGMENT_S },
])('memory is the window, not the age of the show: %o', ({ recorded, dvrWindowS, listed, held }) => {
  const window = new ShowWindow({ recorded, dvrWindowS })
  const sizes = new Set<string>()
  for (let seq = 0; seq < 1_000; seq += 1) {
    add(window, seq, recorded)
    if (seq >= 500) sizes.add(`${window.segments.length} ${inMemory(window)}`)
  }
  expect([...sizes]).toEqual([`${listed} ${held}`])
})

test('what is not stored yet stays in memory and in the list, whatever the window', () => {
  const window = new ShowWindow({ recorded: true, dvrWindowS: 30 })
  for (let seq = 0; seq < 100; seq += 1) add(window, seq, seq !== 10)
  expect(window.segments[0]?.seq).toBe(10)
  expect(window.at(10)?.inMemory).toBe(true)
  expect(window.at(11)?.inMemory).toBe(false)
})

test('discontinuities are counted over the whole show', () => {
  const window = new ShowWindow({ recorded: true, dvrWindowS: 60 })
  for (let seq = 0; seq < 200; seq += 1) add(window, seq, true)
  for (const seq of [175, 180, 199]) expect(window.discontinuitiesBefore(seq)).toBe(Math.floor(seq / 10))
  expect(window.startOf(LIVE_WINDOW_S)).toBe(200 - LIVE_WINDOW_S / SEGMENT_S)
})
