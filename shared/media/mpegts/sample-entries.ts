import { box, fullBox, u16, u32, uint } from '../isobmff/box-bytes.ts'
import { concatBytes } from '../isobmff/box-splitter.ts'
import type { AdtsFormat } from './adts-frames.ts'

const RESOLUTION = 0x48_0000
const DEPTH = 24
const ENTRY_START = [new Uint8Array(6), u16(1)] as const
const NAMELESS = new Uint8Array(32)
const AAC_IN_MP4 = 0x40
const AUDIO_STREAM = 0x15
/** Layout 7 is eight channels; the others are what they are called. */
const CHANNELS_OF_LAYOUT_7 = 8

/** `avc1` (ISO/IEC 14496-15 5.4.2) with lengths of four bytes. Sets are whole NAL units, at least one sequence set of four bytes. */
export function avcSampleEntry(
  { width, height }: { width: number; height: number },
  sequenceSets: readonly Uint8Array[],
  pictureSets: readonly Uint8Array[],
): Uint8Array {
  const profile = sequenceSets[0]?.subarray(1, 4) ?? new Uint8Array(3)
  const listed = (sets: readonly Uint8Array[]) => concatBytes(sets.flatMap(set => [u16(set.length), set]))
  const record = [
    uint(1, 1),
    profile,
    uint(1, 0xff),
    uint(1, 0xe0 | sequenceSets.length),
    listed(sequenceSets),
    uint(1, pictureSets.length),
    listed(pictureSets),
  ]
  return box(
    'avc1',
    ...ENTRY_START,
    new Uint8Array(16),
    u16(width),
    u16(height),
    u32(RESOLUTION),
    u32(RESOLUTION),
    u32(0),
    u16(1),
    NAMELESS,
    u16(DEPTH),
    u16(0xffff),
    box('avcC', ...record),
  )
}

/** `mp4a` (ISO/IEC 14496-14 5.6) with the two bytes that decoders want of AAC. */
export function aacSampleEntry({ objectType, rateIndex, sampleRate, channels }: AdtsFormat): Uint8Array {
  const config = u16((objectType << 11) | (rateIndex << 7) | (channels << 3))
  const decoder = descriptor(
    0x04,
    uint(1, AAC_IN_MP4),
    uint(1, AUDIO_STREAM),
    uint(3, 0),
    u32(0),
    u32(0),
    descriptor(0x05, config),
  )
  const stream = descriptor(0x03, u16(0), uint(1, 0), decoder, descriptor(0x06, uint(1, 2)))
  return box(
    'mp4a',
    ...ENTRY_START,
    new Uint8Array(8),
    u16(channelCount(channels)),
    u16(16),
    u32(0),
    u32(Math.min(sampleRate, 0xffff) * 0x1_0000),
    fullBox('esds', 0, 0, stream),
  )
}

/** How many channels a layout has. */
export function channelCount(layout: number): number {
  return layout === 7 ? CHANNELS_OF_LAYOUT_7 : layout
}

/** A descriptor (ISO/IEC 14496-1 8.3.3) of less than 128 bytes. */
function descriptor(tag: number, ...body: readonly Uint8Array[]): Uint8Array {
  const bytes = concatBytes(body)
  return concatBytes([uint(1, tag), uint(1, bytes.length), bytes])
}
