import { MEASURE_SEGMENTS } from './measure-job.ts'
import type { MeasuredSegment } from './signals-queries.ts'

/** Segments by number, both ends included. */
export type SegmentRun = { fromSeq: number; toSeq: number }

/** Media that can be measured piece by piece: fragments beside their initialization segment. */
const FRAGMENT = /\.m4s$/u

/** The numbers that are measured together with that one. */
export function blockOf(seq: number): SegmentRun {
  const fromSeq = seq - (seq % MEASURE_SEGMENTS)
  return { fromSeq, toSeq: fromSeq + MEASURE_SEGMENTS - 1 }
}

/** The stretches of some segments (in order) that one decoder can read through: no hole, no new encoder in between. */
export function signalsRuns(segments: readonly MeasuredSegment[]): SegmentRun[] {
  const runs: SegmentRun[] = []
  let before: MeasuredSegment | undefined
  for (const segment of segments) {
    if (!segment.renditions.every(({ uri }) => FRAGMENT.test(uri))) continue
    const goesOn = before?.seq === segment.seq - 1 && before.epoch === segment.epoch && !segment.discontinuity
    const last = runs.at(-1)
    if (goesOn && last !== undefined) last.toSeq = segment.seq
    else runs.push({ fromSeq: segment.seq, toSeq: segment.seq })
    before = segment
  }
  return runs
}
