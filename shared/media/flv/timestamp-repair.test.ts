import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimestampRepair } from './timestamp-repair.ts'

type Frame = { kind: 'audio' | 'video'; at: number }

function repaired(frames: readonly Frame[]): { kind: string; at: number }[] {
  const repair = new TimestampRepair()
  return frames.map(({ kind, at }) => ({ kind, at: repair.repair(kind, at >>> 0) }))
}

/** Interleaved 30 fps video and 23 ms sound between two instants, shifted by an offset. */
function show(fromMs: number, toMs: number, offset = 0): Frame[] {
  const times = (step: number, kind: Frame['kind']): Frame[] =>
    Array.from({ length: Math.ceil((toMs - fromMs) / step) }, (_, index) => ({ kind, at: fromMs + index * step }))
  return [...times(33, 'video'), ...times(23, 'audio')]
    .sort((a, b) => a.at - b.at)
    .map(frame => ({ ...frame, at: frame.at + offset }))
}

function steps(frames: readonly { kind: string; at: number }[], kind: string): number[] {
  const own = frames.filter(frame => frame.kind === kind)
  return own.slice(1).map((frame, index) => frame.at - (own[index]?.at ?? 0))
}

test('a clean source passes unchanged, counted from its first frame', () => {
  const clean = show(0, 5000, 777)
  expect(repaired(clean).map(frame => frame.at + 777)).toEqual(clean.map(frame => frame.at))
})

test('a wrap at 2^32 is unwound', () => {
  const out = repaired(show(0, 4000, 2 ** 32 - 2000))
  expect(out.at(-1)?.at).toBeGreaterThan(3900)
  expect(Math.max(...steps(out, 'video'))).toBe(33)
})

test.each([3_600_000, 60_000, -60_000, -500, 2 ** 31 - 5000])('a jump by %d ms is folded to about a frame', jump => {
  const base = 10_000_000
  const out = repaired([...show(0, 3000, base), ...show(3000, 6000, base + jump)])
  expect(Math.max(...steps(out, 'video'))).toBeLessThanOrEqual(70)
  expect(Math.max(...steps(out, 'audio'))).toBeLessThanOrEqual(70)
  expect(out.at(-1)?.at).toBeGreaterThan(5900)
  expect(out.at(-1)?.at).toBeLessThan(6200)
})

test('sound and pictures stay together over a jump', () => {
  const out = repaired([...show(0, 3000, 500_000), ...show(3000, 6000, 900_000)])
  const last = (kind: string): number => out.findLast(frame => frame.kind === kind)?.at ?? 0
  expect(Math.abs(last('video') - last('audio'))).toBeLessThan(80)
})

test('a gap of a few seconds on a bad line is kept, so that the clock stays true', () => {
  const out = repaired([...show(0, 2000), ...show(5000, 6000)])
  expect(out.at(-1)?.at).toBeGreaterThan(5900)
})

test('sound that drifts away from the pictures is not folded', () => {
  const drifting = show(0, 60_000).map(frame =>
    frame.kind === 'audio' ? { ...frame, at: Math.round(frame.at * 1.05) } : frame,
  )
  const repair = new TimestampRepair()
  for (const { kind, at } of drifting) repair.repair(kind, at)
  expect(repair.jumps).toBe(0)
})

test('whatever comes in, time grows within each track', () => {
  const frame = fc.record({
    kind: fc.constantFrom('audio' as const, 'video' as const),
    at: fc.integer({ min: 0, max: 0xffffffff }),
  })
  const near = fc.record({
    kind: fc.constantFrom('audio' as const, 'video' as const),
    at: fc.integer({ min: 0, max: 9000 }),
  })
  fc.assert(
    fc.property(fc.array(fc.oneof(frame, near), { maxLength: 200 }), frames => {
      const out = repaired(frames)
      expect([...steps(out, 'audio'), ...steps(out, 'video')].every(step => step >= 1)).toBe(true)
      expect(out.every(({ at }) => at >= 0 && Number.isSafeInteger(at))).toBe(true)
    }),
    { numRuns: 500 },
  )
})
