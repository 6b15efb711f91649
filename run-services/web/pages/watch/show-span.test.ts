import { describe, expect, test } from 'vitest'
import { showSpan } from './show-span.ts'

const START = Date.UTC(2026, 10, 21, 18)
const NOW = START + 7_200_000
const HOUR_MS = 3_600_000
const live = { started_at: new Date(START).toISOString(), state: 'live' as const }
const view = { mode: 'live' as const, rangeFromMs: NOW - 12_000, rangeToMs: NOW - 1_000 }

describe('the bar of a show', () => {
  test('reaches back as far as the channel allows', () => {
    expect(showSpan(live, view, HOUR_MS, NOW)).toEqual({ fromMs: NOW - HOUR_MS, toMs: NOW })
  })

  test('begins with the show when that is younger than the window', () => {
    expect(showSpan(live, view, 4 * HOUR_MS, NOW)).toEqual({ fromMs: START, toMs: NOW })
  })

  test('is not there when the channel allows no rewind, or before the show has begun', () => {
    expect(showSpan(live, view, 0, NOW)).toBeUndefined()
    expect(showSpan({ ...live, started_at: null }, view, HOUR_MS, NOW)).toBeUndefined()
  })

  test('stands still while the creator is away', () => {
    expect(showSpan({ ...live, state: 'reconnecting' }, view, HOUR_MS, NOW)?.toMs).toBe(NOW - 1_000)
  })

  test('never promises more than the recording holds', () => {
    const dvr = { mode: 'dvr' as const, rangeFromMs: NOW - 600_000, rangeToMs: NOW }
    expect(showSpan(live, dvr, HOUR_MS, NOW)?.fromMs).toBe(NOW - 600_000)
  })

  test('is the whole archive when the show is over', () => {
    const archive = { mode: 'archive' as const, rangeFromMs: START, rangeToMs: START + 60_000 }
    expect(showSpan({ ...live, state: 'archived' }, archive, 0, NOW)).toEqual({ fromMs: START, toMs: START + 60_000 })
  })
})
