import { type BoxView, needBox } from './box-view.ts'
import { IsobmffError } from './isobmff-error.ts'

const hex = (byte: number | undefined): string => (byte ?? 0).toString(16).padStart(2, '0')

/** `avc1.PPCCLL` from the AVC configuration record (RFC 6381 3.3): profile, constraints, level. */
function avcCodec(bytes: Uint8Array, entry: BoxView, childrenAt: number): string {
  const avcC = needBox(bytes, childrenAt, entry.end, ['avcC'], 4)
  return `avc1.${hex(bytes[avcC.body + 1])}${hex(bytes[avcC.body + 2])}${hex(bytes[avcC.body + 3])}`
}

/** `mp4a.40.N` from the elementary stream descriptor (ISO/IEC 14496-1 7.2.6): N is the audio object type. */
function aacCodec(bytes: Uint8Array, entry: BoxView, childrenAt: number): string {
  const esds = needBox(bytes, childrenAt, entry.end, ['esds'], 4)
  const config = descriptor(bytes, esds.body + 4, esds.end, [0x03, 0x04, 0x05])
  const first = bytes[config] ?? 0
  const objectType = first >> 3
  return `mp4a.40.${objectType === 31 ? 32 + (((first & 7) << 3) | ((bytes[config + 1] ?? 0) >> 5)) : objectType}`
}

/** Offset of the payload of the innermost of the nested descriptor tags. */
function descriptor(bytes: Uint8Array, from: number, to: number, tags: readonly number[]): number {
  let offset = from
  for (const tag of tags) {
    while (offset < to && bytes[offset] !== tag) offset += 1
    offset += 1
    while (offset < to && ((bytes[offset] ?? 0) & 0x80) !== 0) offset += 1
    offset += 1
    if (tag === 0x03) offset += 3
    if (tag === 0x04) offset += 13
  }
  if (offset >= to) throw new IsobmffError('truncated', 'The esds box has no decoder configuration.')
  return offset
}

/** Bytes between a sample entry's header and its child boxes (ISO/IEC 14496-12 12.1.3 and 12.2.3). */
const VISUAL_ENTRY_BYTES = 78
const AUDIO_ENTRY_BYTES = 28

/**
 * The RFC 6381 codec string of a sample entry: `avc1.…` or `mp4a.40.…`, the two codecs the ladder makes.
 * Throws `unsupported` for any other.
 */
export function codecString(bytes: Uint8Array, entry: BoxView): string {
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return avcCodec(bytes, entry, entry.body + VISUAL_ENTRY_BYTES)
    case 'mp4a':
      return aacCodec(bytes, entry, entry.body + AUDIO_ENTRY_BYTES)
    default:
      throw new IsobmffError('unsupported', `Sample entry ${JSON.stringify(entry.type)} is not served here.`)
  }
}
