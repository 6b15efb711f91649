import type { FlvTag } from './flv-tag.ts'

const TAG_TYPES = { audio: 8, video: 9, script: 18 } as const
const HEADER_BYTES = 11
const PREVIOUS_SIZE_BYTES = 4

/** The bytes an FLV stream starts with (E.2): header and the first, zero, back pointer. */
export function flvHeader(carries: { audio: boolean; video: boolean }): Uint8Array {
  const flags = (carries.audio ? 4 : 0) | (carries.video ? 1 : 0)
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0)
}

/** One tag as FLV writes it (E.4.1), followed by its back pointer. */
export function flvTagBytes(tag: FlvTag): Uint8Array {
  const size = tag.body.byteLength
  const bytes = new Uint8Array(HEADER_BYTES + size + PREVIOUS_SIZE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, (TAG_TYPES[tag.kind] << 24) | size)
  view.setUint32(4, ((tag.timestampMs & 0xffffff) << 8) | ((tag.timestampMs >>> 24) & 0xff))
  bytes.set(tag.body, HEADER_BYTES)
  view.setUint32(HEADER_BYTES + size, HEADER_BYTES + size)
  return bytes
}
