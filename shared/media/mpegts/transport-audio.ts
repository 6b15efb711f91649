import type { CutSource } from '../clip/cut-clip.ts'
import { concatBytes } from '../isobmff/box-splitter.ts'
import type { MediaSample } from '../isobmff/chunk-samples.ts'
import { FRAME_SAMPLES, readAdtsFrames } from './adts-frames.ts'
import type { ElementaryPacket } from './elementary-packets.ts'
import { aacSampleEntry, channelCount } from './sample-entries.ts'
import { TRANSPORT_HZ, turnsTo, WRAP_TICKS } from './transport-clock.ts'
import { TransportError } from './transport-error.ts'

/** Times told in 90,000ths are this far from where a frame really begins, in s; more is a gap. */
const ROUNDING_S = 0.001

/**
 * The sound of a segment in samples of its own rate, times as near to `nearTicks` (of 90,000) as the 33 bits allow;
 * undefined when there is none. Throws `TransportError` for what is no ADTS and where times run backwards.
 */
export function transportAudio(packets: readonly ElementaryPacket[], nearTicks: number): CutSource | undefined {
  const { format, frames } = readAdtsFrames(concatBytes(packets.map(({ payload }) => payload)))
  if (format === undefined) return undefined
  const { sampleRate, objectType, channels } = format
  const told = toldTimes(packets, nearTicks)
  const samples: MediaSample[] = []
  for (const { at, bytes } of frames) {
    const shown = told(at)
    const last = samples.at(-1)
    const nominal = last === undefined ? undefined : last.time + FRAME_SAMPLES
    const time = shown === undefined ? nominal : startOf((shown * sampleRate) / TRANSPORT_HZ, nominal, sampleRate)
    // What comes before the first time cannot be placed.
    if (time === undefined) continue
    if (nominal !== undefined && time < nominal) {
      throw new TransportError('bad-time', 'The times of the sound are not in order.')
    }
    samples.push({ time, duration: FRAME_SAMPLES, sync: true, bytes })
  }
  const counts = { sampleRate, channels: channelCount(channels) }
  const header = {
    kind: 'audio',
    trackId: 2,
    timescale: sampleRate,
    codec: `mp4a.40.${objectType}`,
    ...counts,
  } as const
  return {
    header: { ...header, width: 0, height: 0, defaultSampleDuration: FRAME_SAMPLES, defaultSampleFlags: 0 },
    sampleEntry: aacSampleEntry(format),
    samples,
  }
}

/** Frames follow each other without a seam as long as what is told of them agrees. */
function startOf(told: number, nominal: number | undefined, sampleRate: number): number {
  return nominal !== undefined && Math.abs(told - nominal) <= ROUNDING_S * sampleRate ? nominal : Math.round(told)
}

/** A packet's time is that of the first frame that begins in it (ISO/IEC 13818-1 2.4.3.7). */
function toldTimes(packets: readonly ElementaryPacket[], nearTicks: number) {
  let index = 0
  let begin = 0
  let near = nearTicks
  return (frameAt: number): number | undefined => {
    let told: number | undefined
    for (let packet = packets[index]; packet !== undefined && begin <= frameAt; packet = packets[index]) {
      const within = frameAt < begin + packet.payload.length
      if (within && packet.shown !== undefined) told = packet.shown + WRAP_TICKS * turnsTo(packet.shown, near)
      index += 1
      begin += packet.payload.length
    }
    near = told ?? near
    return told
  }
}
