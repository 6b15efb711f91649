import type { CutSource } from '../clip/cut-clip.ts'
import type { TransportSegment } from './read-transport-segment.ts'
import { TRANSPORT_HZ, turnsTo, WRAP_TICKS } from './transport-clock.ts'

/** The segment on the clock of the one before: where the 33 bits began anew in between, its times go on instead. */
export function continueClock<Segment extends TransportSegment>(before: TransportSegment, segment: Segment): Segment {
  const last = before.video.samples.at(-1)
  const [first] = segment.video.samples
  const turns = last === undefined || first === undefined ? 0 : turnsTo(first.time, last.time)
  if (turns === 0) return segment
  const { video, audio } = segment
  return { ...segment, video: later(video, turns), audio: audio && later(audio, turns) }
}

function later(source: CutSource, turns: number): CutSource {
  const ticks = (turns * WRAP_TICKS * source.header.timescale) / TRANSPORT_HZ
  return { ...source, samples: source.samples.map(sample => ({ ...sample, time: sample.time + ticks })) }
}
