import type { ClipReason } from '#shared/domain/clip.ts'
import { MEASURE_HZ } from '../measure-job.ts'
import type { ClipRules } from '../rules-answer.ts'
import { type Baseline, showBaseline, type TimedValue } from './show-baseline.ts'
import { type Tape, type TapeMark, type TapeSample, tapeSamples } from './tape.ts'

/** One instant of the highlight curve. */
export type CurvePoint = {
  at_ms: number
  score: number
  /** What the score is made of, largest first. */
  reasons: readonly ClipReason[]
  /** As measured here, where something was. */
  loudness_db: number | undefined
  motion: number | undefined
  /** Usual loudness of the show so far, once it is known. */
  usual_db: number | undefined
}

/** How near a mark counts, in ms; its weight falls off evenly to nothing. */
export const MARK_REACH_MS = 4_000
/** A crowd of marks counts like so many. */
const MARKS_MAX = 2
/** How far a measured value is smoothed over, either way, in ms. */
export const SMOOTH_MS = 2_000
/** Below so many spreads above the usual a value says nothing; each further so many add one strength, up to the most. */
const SPREADS_MIN = 2
const SPREADS_PER_STRENGTH = 4
const STRENGTH_MAX = 2
/** Smallest spread that is believed, in LU and in share of the picture: a still show is not unusual when it twitches. */
const LOUDNESS_SPREAD_MIN = 1.5
const MOTION_SPREAD_MIN = 0.02
const ROUND = 1_000

type Unusual = { value: number; baseline: number; strength: number }

/**
 * The highlight curve of a tape: at every instant the weighted sum of how unusual what was measured is, and of the marks
 * nearby. What it says of an instant depends on what came before and on `SMOOTH_MS` after it, on nothing later.
 */
export function highlightCurve(tape: Tape, { weights }: Pick<ClipRules, 'weights'>): CurvePoint[] {
  const samples = tapeSamples(tape, MEASURE_HZ)
  const loudness = unusual(
    smoothed(samples, ({ loudness: value }) => value),
    LOUDNESS_SPREAD_MIN,
  )
  const motion = unusual(
    smoothed(samples, ({ motion: value }) => value),
    MOTION_SPREAD_MIN,
  )
  const marks = tape.marks.toSorted(
    (a, b) => a.at_ms - b.at_ms || compareText(a.signal, b.signal) || compareText(a.note ?? '', b.note ?? ''),
  )
  const near = marksNear(marks)
  let usual: number | undefined
  return samples.map(({ at_ms, loudness: loudnessHere, motion: motionHere }, index) => {
    const around = near(at_ms)
    const reasons = [
      markReason(around, 'marker', at_ms, weights.marker),
      markReason(around, 'cue', at_ms, weights.cue),
      measuredReason('loudness', loudness[index], at_ms, weights.loudness),
      measuredReason('motion', motion[index], at_ms, weights.motion),
    ].filter(reason => reason !== undefined)
    usual = loudness[index]?.baseline ?? usual
    return {
      at_ms,
      score: rounded(reasons.reduce((sum, { added }) => sum + added, 0)),
      reasons: reasons.sort((a, b) => b.added - a.added),
      loudness_db: loudnessHere,
      motion: motionHere,
      usual_db: usual,
    }
  })
}

type IndexedValue = TimedValue & { index: number }

/** The mean of what was measured around each sample; undefined where nothing was. */
function smoothed(
  samples: readonly TapeSample[],
  valueOf: (sample: TapeSample) => number | undefined,
): (IndexedValue | undefined)[] {
  let first = 0
  let end = 0
  return samples.map((sample, index) => {
    while (end < samples.length && (samples[end]?.at_ms ?? Infinity) <= sample.at_ms + SMOOTH_MS) end += 1
    while ((samples[first]?.at_ms ?? Infinity) < sample.at_ms - SMOOTH_MS) first += 1
    if (valueOf(sample) === undefined) return undefined
    // Summed anew each time: a running sum would remember where the tape began in its last bits.
    let sum = 0
    let count = 0
    for (let other = first; other < end; other += 1) {
      const each = samples[other]
      const value = each && valueOf(each)
      if (value === undefined) continue
      sum += value
      count += 1
    }
    return { at_ms: sample.at_ms, value: sum / count, index }
  })
}

/** How unusual each value is among those before it. */
function unusual(values: readonly (IndexedValue | undefined)[], spreadMin: number): (Unusual | undefined)[] {
  const measured = values.filter(value => value !== undefined)
  const baselines = showBaseline(measured, spreadMin)
  const found: (Unusual | undefined)[] = values.map(() => undefined)
  for (const [order, { index, value }] of measured.entries()) {
    const baseline = baselines[order]
    if (baseline !== undefined)
      found[index] = { value, baseline: baseline.median, strength: strengthOf(value, baseline) }
  }
  return found
}

function strengthOf(value: number, { median, spread }: Baseline): number {
  const above = (value - median) / spread
  return Math.min(STRENGTH_MAX, Math.max(0, (above - SPREADS_MIN) / SPREADS_PER_STRENGTH))
}

function measuredReason(
  signal: 'loudness' | 'motion',
  found: Unusual | undefined,
  atMs: number,
  weight: number,
): ClipReason | undefined {
  const added = rounded(weight * (found?.strength ?? 0))
  if (found === undefined || added === 0) return undefined
  return { signal, value: rounded(found.value), baseline: rounded(found.baseline), added, at_ms: Math.round(atMs) }
}

function markReason(
  marks: readonly TapeMark[],
  signal: TapeMark['signal'],
  atMs: number,
  weight: number,
): ClipReason | undefined {
  const own = marks.filter(mark => mark.signal === signal)
  const nearest = own.toSorted((a, b) => Math.abs(a.at_ms - atMs) - Math.abs(b.at_ms - atMs))[0]
  const pull = own.reduce((sum, mark) => sum + 1 - Math.abs(mark.at_ms - atMs) / MARK_REACH_MS, 0)
  const added = rounded(weight * Math.min(MARKS_MAX, pull))
  if (nearest === undefined || added === 0) return undefined
  const { note } = nearest
  return { signal, value: own.length, added, at_ms: Math.round(nearest.at_ms), ...(note === undefined ? {} : { note }) }
}

/** The marks within reach of an instant; asked for one instant after the other. */
function marksNear(marks: readonly TapeMark[]): (atMs: number) => TapeMark[] {
  let first = 0
  let end = 0
  return atMs => {
    while (end < marks.length && (marks[end]?.at_ms ?? Infinity) < atMs + MARK_REACH_MS) end += 1
    while (first < end && (marks[first]?.at_ms ?? Infinity) <= atMs - MARK_REACH_MS) first += 1
    return marks.slice(first, end)
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Thousandths: sums that differ in their last bit are the same score. */
function rounded(value: number): number {
  return Math.round(value * ROUND) / ROUND
}
