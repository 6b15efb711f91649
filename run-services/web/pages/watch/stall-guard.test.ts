import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { guardStalls } from './stall-guard.ts'
import type { Playhead } from './stall-guard.ts'

const STUCK: Playhead = { paused: false, ready: false, loadedToS: 25.9, edgeS: 28 }

describe('a picture that stands still', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const jumpsWithin = (ms: number, playhead: (atMs: number) => Playhead | undefined): number[] => {
    const began = Date.now()
    const jumps: number[] = []
    const end = guardStalls(
      () => playhead(Date.now() - began),
      () => jumps.push(Date.now() - began),
    )
    vi.advanceTimersByTime(ms)
    end()
    vi.advanceTimersByTime(ms)
    return jumps
  }

  test('jumps when newer media lies ready, and gives the jump time before the next', () => {
    expect(jumpsWithin(10_000, () => STUCK)).toEqual([1_250, 5_250, 9_250])
  })

  test('waits for a creator who is away: nothing newer lies ready', () => {
    expect(jumpsWithin(60_000, () => ({ ...STUCK, edgeS: 26 }))).toEqual([])
  })

  test('leaves a paused and a playing picture alone', () => {
    expect(jumpsWithin(10_000, () => ({ ...STUCK, paused: true }))).toEqual([])
    expect(jumpsWithin(10_000, () => ({ ...STUCK, ready: true }))).toEqual([])
    expect(jumpsWithin(10_000, () => undefined)).toEqual([])
  })

  test('forgives a short wait', () => {
    expect(jumpsWithin(10_000, atMs => ({ ...STUCK, ready: atMs % 2_000 < 1_000 }))).toEqual([])
  })
})
