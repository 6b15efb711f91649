import { AvcError } from '../avc/avc-error.ts'
import { readSequenceParameterSet } from '../avc/sequence-parameter-set.ts'
import type { CutSource } from '../clip/cut-clip.ts'
import { u32 } from '../isobmff/box-bytes.ts'
import { concatBytes } from '../isobmff/box-splitter.ts'
import type { MediaSample } from '../isobmff/chunk-samples.ts'
import { type AccessUnit, readAccessUnit } from './access-unit.ts'
import type { ElementaryPacket } from './elementary-packets.ts'
import { avcSampleEntry } from './sample-entries.ts'
import { TRANSPORT_HZ, turnsTo, WRAP_TICKS } from './transport-clock.ts'
import { TransportError } from './transport-error.ts'

/** A picture with its times in ticks that no longer wrap. */
type Picture = { unit: AccessUnit; decoded: number; shown: number }
type Sets = Pick<AccessUnit, 'sequenceSets' | 'pictureSets'>

/** Longest from one picture to the next, and from decoding to showing, in ticks. */
const STEP_TICKS_MAX = 10 * TRANSPORT_HZ
/** A picture alone says nothing of its length: a thirtieth of a second, in ticks. */
const LONE_TICKS = TRANSPORT_HZ / 30
/** Fewest bytes of a sequence set that name profile and level. */
const SET_BYTES_MIN = 4
/** Parameter sets of either kind before one picture; MP4 counts them in five bits. */
const SETS_MAX = 31

/**
 * The pictures of a segment in decoding order, timescale 90,000; times go on where the 33 bits begin anew. Throws
 * `TransportError` without parameter sets, where times run backwards, and for a packet that holds several pictures.
 */
export function transportVideo(packets: readonly ElementaryPacket[]): CutSource {
  const pictures = picturesOf(packets)
  const entry = pictures.find(({ unit }) => unit.sequenceSets.length > 0)?.unit
  const sequenceSet = entry?.sequenceSets[0]
  if (entry === undefined || sequenceSet === undefined || sequenceSet.length < SET_BYTES_MIN) {
    throw new TransportError('unsupported', 'The picture has no parameter sets.')
  }
  if (entry.sequenceSets.length > SETS_MAX || entry.pictureSets.length > SETS_MAX) {
    throw new TransportError('unsupported', 'The picture has too many parameter sets.')
  }
  const size = sizeOf(sequenceSet)
  const codec = `avc1.${Buffer.from(sequenceSet.subarray(1, SET_BYTES_MIN)).toString('hex')}`
  const header = {
    kind: 'video',
    trackId: 1,
    timescale: TRANSPORT_HZ,
    codec,
    ...size,
    sampleRate: 0,
    channels: 0,
  } as const
  return {
    header: { ...header, defaultSampleDuration: 0, defaultSampleFlags: 0 },
    sampleEntry: avcSampleEntry(size, entry.sequenceSets, entry.pictureSets),
    samples: samplesOf(pictures, entry),
  }
}

function picturesOf(packets: readonly ElementaryPacket[]): Picture[] {
  const pictures: Picture[] = []
  for (const { shown: rawShown, decoded: rawDecoded, payload } of joined(packets)) {
    const unit = readAccessUnit(payload)
    if (unit === undefined || rawShown === undefined || rawDecoded === undefined) continue
    if (unit.delimiters > 1) throw new TransportError('unsupported', 'A packet holds more than one picture.')
    const before = pictures.at(-1)?.decoded
    const decoded = rawDecoded + WRAP_TICKS * turnsTo(rawDecoded, before ?? rawDecoded)
    const shown = rawShown + WRAP_TICKS * turnsTo(rawShown, decoded)
    const step = before === undefined ? 1 : decoded - before
    if (step <= 0 || step > STEP_TICKS_MAX || shown < decoded || shown - decoded > STEP_TICKS_MAX) {
      throw new TransportError('bad-time', 'The times of the pictures are not in order.')
    }
    pictures.push({ unit, decoded, shown })
  }
  return pictures
}

/** A packet without a time goes on with the picture before it. */
function joined(packets: readonly ElementaryPacket[]): ElementaryPacket[] {
  const pictures: (Omit<ElementaryPacket, 'payload'> & { payloads: Uint8Array[] })[] = []
  for (const { payload, shown, decoded } of packets) {
    if (shown !== undefined) pictures.push({ shown, decoded, payloads: [payload] })
    else pictures.at(-1)?.payloads.push(payload)
  }
  return pictures.map(({ payloads, ...times }) => {
    const [first = new Uint8Array()] = payloads
    return { ...times, payload: payloads.length > 1 ? concatBytes(payloads) : first }
  })
}

function samplesOf(pictures: readonly Picture[], entry: Sets): MediaSample[] {
  let changed = false
  let duration = LONE_TICKS
  return pictures.map(({ unit, decoded, shown }, index) => {
    const next = pictures[index + 1]
    if (next !== undefined) duration = next.decoded - decoded
    const hasSets = unit.sequenceSets.length + unit.pictureSets.length > 0
    changed ||= hasSets && !sameSets(unit, entry)
    // Once others were in force, each key frame brings its own.
    const bytes = changed && hasSets ? concatBytes([...lengthed(unit), unit.bytes]) : unit.bytes
    return { time: decoded, duration, composition: shown - decoded, sync: unit.sync, bytes }
  })
}

function sizeOf(sequenceSet: Uint8Array): { width: number; height: number } {
  try {
    const { width, height } = readSequenceParameterSet(sequenceSet)
    return { width, height }
  } catch (error) {
    if (error instanceof AvcError) throw new TransportError('unsupported', error.message)
    throw error
  }
}

function lengthed({ sequenceSets, pictureSets }: Sets): Uint8Array[] {
  return [...sequenceSets, ...pictureSets].flatMap(set => [u32(set.length), set])
}

function sameSets(a: Sets, b: Sets): boolean {
  return Buffer.compare(concatBytes(lengthed(a)), concatBytes(lengthed(b))) === 0
}
