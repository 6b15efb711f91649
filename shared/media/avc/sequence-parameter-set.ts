import { AvcError } from './avc-error.ts'
import { BitReader } from './bit-reader.ts'

/** Profiles whose set carries a chroma format (ITU-T H.264 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
const EXTENDED_ASPECT = 255
const ORDER_FRAMES_MAX = 255
const MACROBLOCK = 16
/** Largest coded side that is believed, in macroblocks: 16,384 pixels. */
const SIDE_MACROBLOCKS_MAX = 1024

export type SequenceParameterSet = {
  profile: number
  level: number
  /** Cropped size, what a player shows; may be odd. */
  width: number
  height: number
  interlaced: boolean
  /** Frames a second from the timing information, when there is any. */
  fps: number | undefined
}

/** Reads a sequence parameter set NAL unit (ITU-T H.264 7.3.2.1, Annex E.1). Throws `AvcError`. */
export function readSequenceParameterSet(nal: Uint8Array): SequenceParameterSet {
  if (((nal[0] ?? 0) & 31) !== 7) throw new AvcError('The NAL unit is not a sequence parameter set.')
  const bits = new BitReader(withoutEmulation(nal.subarray(1)))
  const profile = bits.read(8)
  bits.read(8)
  const level = bits.read(8)
  bits.golomb()
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(bits) : 1
  bits.golomb()
  skipPictureOrder(bits)
  bits.golomb()
  bits.flag()
  const size = readSize(bits, chroma)
  if (bits.exhausted) throw new AvcError('The H.264 sequence parameter set is cut short.')
  if (size.width < 1 || size.height < 1) throw new AvcError('The H.264 picture has no size.')
  const fps = bits.flag() ? readTiming(bits) : undefined
  // Damaged trailing usability information must not cost the publisher the show: the size above is whole.
  return { profile, level, ...size, fps: bits.exhausted ? undefined : fps }
}

/** Removes the emulation prevention bytes (ITU-T H.264 7.4.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.byteLength)
  let length = 0
  let zeros = 0
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    out[length] = byte
    length += 1
  }
  return out.subarray(0, length)
}

function readChroma(bits: BitReader): number {
  const chroma = bits.golomb()
  const separate = chroma === 3 && bits.flag()
  bits.golomb()
  bits.golomb()
  bits.flag()
  if (bits.flag()) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list += 1)
      if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64)
  }
  return separate ? 0 : chroma
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8
  let next = 8
  for (let index = 0; index < size && !bits.exhausted; index += 1) {
    if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256
    last = next === 0 ? last : next
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.golomb()
  if (type === 0) bits.golomb()
  if (type !== 1) return
  bits.flag()
  bits.signedGolomb()
  bits.signedGolomb()
  const frames = bits.golomb()
  if (frames > ORDER_FRAMES_MAX) throw new AvcError('The H.264 picture order cycle is longer than the standard allows.')
  for (let index = 0; index < frames; index += 1) bits.signedGolomb()
}

function readSize(bits: BitReader, chroma: number): { width: number; height: number; interlaced: boolean } {
  const across = bits.golomb() + 1
  const down = bits.golomb() + 1
  const interlaced = !bits.flag()
  if (interlaced) bits.flag()
  bits.flag()
  if (across > SIDE_MACROBLOCKS_MAX || down > SIDE_MACROBLOCKS_MAX)
    throw new AvcError('The H.264 picture is too large.')
  const fields = interlaced ? 2 : 1
  let width = across * MACROBLOCK
  let height = down * MACROBLOCK * fields
  if (bits.flag()) {
    const unitX = chroma === 1 || chroma === 2 ? 2 : 1
    const unitY = (chroma === 1 ? 2 : 1) * fields
    width -= unitX * (bits.golomb() + bits.golomb())
    height -= unitY * (bits.golomb() + bits.golomb())
  }
  return { width, height, interlaced }
}

/** The frame rate of the usability information (E.1.1); fields are counted, so two ticks make a frame. */
function readTiming(bits: BitReader): number | undefined {
  if (bits.flag() && bits.read(8) === EXTENDED_ASPECT) bits.read(32)
  if (bits.flag()) bits.flag()
  if (bits.flag()) {
    bits.read(4)
    if (bits.flag()) bits.read(24)
  }
  if (bits.flag()) {
    bits.golomb()
    bits.golomb()
  }
  if (!bits.flag()) return undefined
  const ticks = bits.read(32)
  const scale = bits.read(32)
  return ticks > 0 && scale > 0 ? scale / (2 * ticks) : undefined
}
