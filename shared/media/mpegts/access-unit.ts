import { u32 } from '../isobmff/box-bytes.ts'
import { concatBytes } from '../isobmff/box-splitter.ts'
import { TransportError } from './transport-error.ts'

/** One coded picture as MP4 keeps it, with the parameter sets that stood before it. */
export type AccessUnit = {
  /** NAL units with four bytes of length each, without parameter sets, delimiters and filler. */
  bytes: Uint8Array
  /** Decoding can begin here. */
  sync: boolean
  sequenceSets: readonly Uint8Array[]
  pictureSets: readonly Uint8Array[]
  /** Delimiters: more than one is more than one picture. */
  delimiters: number
}

/** Kinds of NAL unit (ITU-T H.264 table 7-1). */
const NAL = { idr: 5, sequenceSet: 7, pictureSet: 8, delimiter: 9, endOfSequence: 10, endOfStream: 11, filler: 12 }
const LEFT_OUT: ReadonlySet<number> = new Set([NAL.delimiter, NAL.endOfSequence, NAL.endOfStream, NAL.filler])
const SLICE_KIND_MAX = 5
/** NAL units of one picture; encoders write a few dozen. */
const UNITS_MAX = 2_000

/** Reads a picture from a byte stream (ITU-T H.264 Annex B); undefined when no slice is in it. Throws `TransportError`. */
export function readAccessUnit(stream: Uint8Array): AccessUnit | undefined {
  const kept: Uint8Array[] = []
  const sequenceSets: Uint8Array[] = []
  const pictureSets: Uint8Array[] = []
  let [sync, slices, delimiters] = [false, 0, 0]
  for (const unit of nalUnits(stream)) {
    const kind = (unit[0] ?? 0) & 31
    if (kind === NAL.delimiter) delimiters += 1
    if (kind === NAL.sequenceSet) sequenceSets.push(unit)
    else if (kind === NAL.pictureSet) pictureSets.push(unit)
    else if (!LEFT_OUT.has(kind)) {
      if (kind === NAL.idr) sync = true
      if (kind >= 1 && kind <= SLICE_KIND_MAX) slices += 1
      kept.push(u32(unit.length), unit)
    }
  }
  return slices === 0 ? undefined : { bytes: concatBytes(kept), sync, sequenceSets, pictureSets, delimiters }
}

/** NAL units between start codes, as views; the zeros that pad them are no part of them. */
function nalUnits(stream: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = []
  let begin = -1
  const close = (end: number): void => {
    if (begin < 0) return
    let last = end
    while (last > begin && stream[last - 1] === 0) last -= 1
    if (last > begin) units.push(stream.subarray(begin, last))
    if (units.length > UNITS_MAX) throw new TransportError('too-many', 'A picture has too many parts.')
  }
  let at = 0
  while (at + 2 < stream.length) {
    const third = stream[at + 2] ?? 0
    if (third > 1) {
      at += 3
    } else if (third === 1 && stream[at] === 0 && stream[at + 1] === 0) {
      close(at)
      begin = at + 3
      at = begin
    } else {
      at += 1
    }
  }
  close(stream.length)
  return units
}
