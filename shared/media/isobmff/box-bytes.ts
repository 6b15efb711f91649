import { concatBytes } from './box-splitter.ts'

/** A number of that many bytes, big-endian. */
export function uint(bytes: 1 | 2 | 3 | 4 | 8, value: number): Uint8Array {
  const out = new Uint8Array(bytes)
  let rest = value
  for (let index = bytes - 1; index >= 0; index -= 1) {
    out[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return out
}

export const u16 = (value: number): Uint8Array => uint(2, value)
export const u32 = (value: number): Uint8Array => uint(4, value)

const ASCII = new TextEncoder()
/** The bytes of ASCII text, as four-character codes and handler names are. */
export const ascii = (text: string): Uint8Array => ASCII.encode(text)

/** A box (ISO/IEC 14496-12 4.2): size, type, body. */
export function box(type: string, ...body: readonly Uint8Array[]): Uint8Array {
  const size = body.reduce((sum, { length }) => sum + length, 8)
  return concatBytes([u32(size), ascii(type), ...body])
}

/** A box with a version and 24 flags. */
export function fullBox(type: string, version: number, flags: number, ...body: readonly Uint8Array[]): Uint8Array {
  return box(type, uint(1, version), uint(3, flags), ...body)
}
