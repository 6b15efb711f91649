import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLIP_MS_MAX, CLIP_MS_MIN } from '#shared/domain/clip.ts'
import { MEASURE_HZ } from '../measure-job.ts'
import type { ClipRules } from '../rules-answer.ts'
import { DEFAULT_RULES } from './default-rules.ts'
import { highlightCurve } from './highlight-curve.ts'
import { decidedAfterMs, highlightPicks, HOUR_MS, lookBackMs } from './highlight-picks.ts'
import type { Tape, TapeMark, TapeStretch } from './tape.ts'

const STEP_MS = 1000 / MEASURE_HZ
const STRETCH_VALUES = 60
const LEVEL = -24

/** A show of that many seconds at an even level, with the loudness and motion that `change` makes of it. */
function show(seconds: number, change: (atS: number) => { loudness?: number; motion?: number } = () => ({})): Tape {
  const values = Array.from({ length: seconds * MEASURE_HZ }, (_, index) => {
    const wave = Math.sin(index) / 2
    return { loudness: LEVEL + wave, motion: 0.05 + wave / 100, ...change(index / MEASURE_HZ) }
  })
  const stretches: TapeStretch[] = []
  for (let first = 0; first < values.length; first += STRETCH_VALUES) {
    const own = values.slice(first, first + STRETCH_VALUES)
    stretches.push({
      from_ms: first * STEP_MS,
      to_ms: (first + own.length) * STEP_MS,
      loudness_lufs: own.map(({ loudness }) => loudness),
      motion: own.map(({ motion }) => motion),
    })
  }
  return { stretches, marks: [], until_ms: seconds * 1000, over: true }
}

const marker = (atS: number, note?: string): TapeMark => ({
  signal: 'marker',
  at_ms: atS * 1000,
  ...(note === undefined ? {} : { note }),
})

describe('picks', () => {
  test('an even show has none', () => {
    expect(highlightPicks(show(300), DEFAULT_RULES)).toEqual([])
  })

  test('a marker is worth a clip by itself, and says whose it is', () => {
    const tape = { ...show(120), marks: [marker(60, 'The drop')] }
    expect(highlightPicks(tape, DEFAULT_RULES)).toEqual([
      {
        start_ms: 48_000,
        end_ms: 68_000,
        at_ms: 60_000,
        score: 4,
        reasons: [{ signal: 'marker', value: 1, added: 4, at_ms: 60_000, note: 'The drop' }],
      },
    ])
  })

  test('a cue alone is not, and is together with noise', () => {
    const cue: TapeMark = { signal: 'cue', at_ms: 120_000 }
    expect(highlightPicks({ ...show(240), marks: [cue] }, DEFAULT_RULES)).toEqual([])
    const noisy = show(240, atS => (Math.abs(atS - 121) < 3 ? { loudness: -15 } : {}))
    expect(highlightPicks(noisy, { ...DEFAULT_RULES, threshold: 3.2 })).toEqual([])
    const [pick] = highlightPicks({ ...noisy, marks: [cue] }, { ...DEFAULT_RULES, threshold: 3.2 })
    expect(pick?.reasons.map(({ signal }) => signal)).toEqual(['loudness', 'cue'])
  })

  test('a roar above what is usual is picked, with the usual beside it', () => {
    const tape = show(240, atS => (Math.abs(atS - 120) < 3 ? { loudness: -8 } : {}))
    const [pick, ...others] = highlightPicks(tape, DEFAULT_RULES)
    expect(others).toEqual([])
    expect(pick?.reasons).toHaveLength(1)
    const [reason] = pick?.reasons ?? []
    expect(reason?.signal).toBe('loudness')
    expect(reason?.baseline).toBeCloseTo(LEVEL, 0)
    expect(reason?.value).toBeCloseTo(-8, 0)
    expect(reason?.at_ms).toBeGreaterThan(116_000)
    expect(reason?.at_ms).toBeLessThan(124_000)
  })

  test('a show that is loud throughout is not picked for being loud', () => {
    const loud = show(240, atS => ({ loudness: -8 + Math.sin(atS) / 2 }))
    expect(highlightPicks(loud, DEFAULT_RULES)).toEqual([])
  })

  test('an end moves to a cut or to a pause when one is near', () => {
    const marks = [marker(60)]
    const cut = show(120, atS => (atS === 46.5 ? { motion: 0.9 } : {}))
    expect(highlightPicks({ ...cut, marks }, DEFAULT_RULES)[0]?.start_ms).toBe(46_500)
    const pause = show(120, atS => (atS === 69 ? { loudness: -50 } : {}))
    expect(highlightPicks({ ...pause, marks }, DEFAULT_RULES)[0]?.end_ms).toBe(69_000)
  })

  test('an hour of show gives at most so many, the earliest', () => {
    const marks = Array.from({ length: 20 }, (_, index) => marker(60 + index * 60))
    const picks = highlightPicks({ ...show(1), marks, until_ms: HOUR_MS }, { ...DEFAULT_RULES, picks_per_hour_max: 3 })
    expect(picks.map(({ start_ms }) => start_ms)).toEqual([48_000, 108_000, 168_000])
    expect(highlightPicks({ ...show(1), marks }, { ...DEFAULT_RULES, picks_per_hour_max: 0 })).toEqual([])
  })

  test('rules that are off pick nothing', () => {
    expect(highlightPicks({ ...show(120), marks: [marker(60)] }, { ...DEFAULT_RULES, enabled: false })).toEqual([])
  })

  test('a pick at the end of a show ends with it', () => {
    const [pick] = highlightPicks({ ...show(62), marks: [marker(60)] }, DEFAULT_RULES)
    expect(pick).toMatchObject({ start_ms: 48_000, end_ms: 62_000 })
  })
})

const rules = fc.record({
  before_ms: fc.oneof(fc.integer({ min: 1_000, max: 8_000 }), fc.integer({ min: 1_000, max: 60_000 })),
  after_ms: fc.oneof(fc.integer({ min: 1_000, max: 8_000 }), fc.integer({ min: 1_000, max: 60_000 })),
  threshold: fc.double({ min: 0.5, max: 5, noNaN: true }),
  picks_per_hour_max: fc.integer({ min: 0, max: 30 }),
})
const tape = fc
  .record({
    values: fc.array(
      fc.record({
        loudness: fc.integer({ min: -70, max: 0 }),
        motion: fc.integer({ min: 0, max: 10 }).map(tenths => tenths / 10),
      }),
      {
        minLength: 100,
        maxLength: 600,
        size: 'max',
      },
    ),
    quietPercent: fc.integer({ min: 0, max: 100 }),
    marks: fc.array(
      fc.record({
        signal: fc.constantFrom('marker' as const, 'cue' as const),
        at_ms: fc.integer({ min: 0, max: 400_000 }),
      }),
      { minLength: 2, maxLength: 20, size: 'max' },
    ),
    over: fc.boolean(),
  })
  .map(({ values, quietPercent, marks, over }): Tape => {
    const level = Math.floor((values.length * quietPercent) / 100)
    const base = show(values.length / MEASURE_HZ, atS =>
      atS * MEASURE_HZ < level ? {} : (values[atS * MEASURE_HZ] ?? {}),
    )
    return { ...base, marks: marks.filter(({ at_ms }) => at_ms < base.until_ms), over }
  })

/** The tape as it was known at that place. */
function cutAt(whole: Tape, untilMs: number): Tape {
  const stretches = whole.stretches.map(stretch => {
    const count = Math.max(0, Math.ceil((untilMs - stretch.from_ms) / STEP_MS))
    return {
      ...stretch,
      loudness_lufs: stretch.loudness_lufs.slice(0, count),
      motion: stretch.motion.slice(0, count),
    }
  })
  return { stretches, marks: whole.marks.filter(({ at_ms }) => at_ms < untilMs), until_ms: untilMs, over: false }
}

describe('for any tape and rules', () => {
  const settings = { numRuns: 150 }

  test('the order of its parts does not matter', () => {
    const shuffled = tape.chain(each =>
      fc.record({
        each: fc.constant(each),
        stretches: fc.shuffledSubarray([...each.stretches], { minLength: each.stretches.length }),
        marks: fc.shuffledSubarray([...each.marks], { minLength: each.marks.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, rules, ({ each, stretches, marks }, changes) => {
        const own = { ...DEFAULT_RULES, ...changes }
        expect(highlightPicks({ ...each, stretches, marks }, own)).toEqual(highlightPicks(each, own))
      }),
      settings,
    )
  })

  test('a longer tape changes no pick that was decided', () => {
    let decided = 0
    fc.assert(
      fc.property(tape, rules, fc.integer({ min: 0, max: 100 }), (whole, changes, percent) => {
        const own: ClipRules = { ...DEFAULT_RULES, ...changes }
        const until = (whole.until_ms * percent) / 100
        const early = highlightPicks(cutAt(whole, until), own)
        const late = highlightPicks(whole, own)
        decided += early.length
        expect(late.slice(0, early.length)).toEqual(early)
        for (const { end_ms } of early) expect(end_ms).toBeLessThanOrEqual(until)
      }),
      settings,
    )
    expect(decided).toBeGreaterThan(20)
  })

  test('picks do not overlap, have a clip’s length and explain their score', () => {
    fc.assert(
      fc.property(tape, rules, (each, changes) => {
        const own = { ...DEFAULT_RULES, ...changes }
        const picks = highlightPicks(each, own)
        for (const [index, { start_ms, end_ms, score, reasons }] of picks.entries()) {
          expect(start_ms).toBeGreaterThanOrEqual(picks[index - 1]?.end_ms ?? 0)
          expect(end_ms - start_ms).toBeGreaterThanOrEqual(CLIP_MS_MIN)
          expect(end_ms - start_ms).toBeLessThanOrEqual(CLIP_MS_MAX)
          expect(score).toBeGreaterThanOrEqual(own.threshold)
          expect(reasons.reduce((sum, { added }) => sum + added, 0)).toBeCloseTo(score, 2)
        }
        expect(picks.length).toBeLessThanOrEqual(own.picks_per_hour_max)
      }),
      settings,
    )
  })

  test('an hour’s picks need no more of the tape than the look-back before it', () => {
    const marks = [3_500, 3_650, 3_900, 4_400].map(atS => marker(atS))
    const whole = { ...show(5_000, atS => (atS % 700 < 3 ? { loudness: -10 } : {})), marks, over: false }
    const from = HOUR_MS - lookBackMs(DEFAULT_RULES)
    const part = {
      ...whole,
      stretches: whole.stretches.filter(({ to_ms }) => to_ms >= from),
      marks: marks.filter(({ at_ms }) => at_ms >= from),
    }
    const inHour = (each: Tape) => highlightPicks(each, DEFAULT_RULES).filter(({ start_ms }) => start_ms >= HOUR_MS)
    expect(inHour(whole).length).toBeGreaterThan(2)
    expect(inHour(part)).toEqual(inHour(whole))
  })

  test('the curve has a point for every value and every mark', () => {
    const each = { ...show(60), marks: [marker(30.1)] }
    expect(highlightCurve(each, DEFAULT_RULES)).toHaveLength(60 * MEASURE_HZ + 1)
  })

  test('what decides a pick is behind by what comes after it and a margin', () => {
    expect(decidedAfterMs(DEFAULT_RULES)).toBeGreaterThan(DEFAULT_RULES.after_ms)
  })
})
