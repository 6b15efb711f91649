import { AvcError } from './avc-error.ts'

export type AvcConfiguration = {
  profile: number
  compatibility: number
  level: number
  /** Bytes of the length in front of every NAL unit. */
  nalLengthBytes: number
  sequenceSets: readonly Uint8Array[]
  pictureSets: readonly Uint8Array[]
}

/** Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1), as FLV and MP4 carry it. Throws `AvcError`. */
export function readAvcConfiguration(bytes: Uint8Array): AvcConfiguration {
  const [version, profile, compatibility, level, lengths, counts] = bytes
  if (version !== 1 || profile === undefined || compatibility === undefined || level === undefined) {
    throw new AvcError('The H.264 configuration is not an AVCDecoderConfigurationRecord.')
  }
  const sequence = readSets(bytes, 6, (counts ?? 0) & 31)
  const pictureCount = bytes[sequence.end]
  if (pictureCount === undefined) throw new AvcError('The H.264 configuration is cut short.')
  const picture = readSets(bytes, sequence.end + 1, pictureCount)
  if (sequence.sets.length === 0) throw new AvcError('The H.264 configuration has no sequence parameter set.')
  return {
    profile,
    compatibility,
    level,
    nalLengthBytes: ((lengths ?? 3) & 3) + 1,
    sequenceSets: sequence.sets,
    pictureSets: picture.sets,
  }
}

function readSets(bytes: Uint8Array, start: number, count: number): { sets: Uint8Array[]; end: number } {
  const sets: Uint8Array[] = []
  let position = start
  for (let index = 0; index < count; index += 1) {
    const size = ((bytes[position] ?? 0) << 8) | (bytes[position + 1] ?? 0)
    const set = bytes.subarray(position + 2, position + 2 + size)
    if (size === 0 || set.byteLength < size) throw new AvcError('The H.264 configuration is cut short.')
    sets.push(set)
    position += 2 + size
  }
  return { sets, end: position }
}
