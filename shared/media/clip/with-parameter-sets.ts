import { readAvcConfiguration } from '../avc/avc-configuration.ts'
import { concatBytes } from '../isobmff/box-splitter.ts'
import { needBox } from '../isobmff/box-view.ts'
import { u32 } from '../isobmff/box-bytes.ts'

/** Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12 12.1.3). */
const ENTRY_FIELDS_BYTES = 78
const HEADER_BYTES = 8

/**
 * The picture with its parameter sets in front, as units of their own: how a stream changes them without a second sample
 * entry, which players of progressive files do not follow. Lengths are four bytes, as every encoder of ours writes them.
 */
export function withParameterSets(picture: Uint8Array, sampleEntry: Uint8Array): Uint8Array {
  const avcC = needBox(sampleEntry, HEADER_BYTES + ENTRY_FIELDS_BYTES, sampleEntry.length, ['avcC'])
  const { sequenceSets, pictureSets } = readAvcConfiguration(sampleEntry.subarray(avcC.body, avcC.end))
  const units = [...sequenceSets, ...pictureSets].flatMap(unit => [u32(unit.length), unit])
  return concatBytes([...units, picture])
}
