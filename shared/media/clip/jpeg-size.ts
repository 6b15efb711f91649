const MARKER = 0xff
const START = 0xd8
const END = 0xd9
/** Markers of a frame header (ITU T.81 B.2.2): SOF0 to SOF15 without the tables that lie between them. */
const FRAME_HEADERS = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf])

/** Width and height (pixels) of a whole JPEG; undefined for anything else, also one that ends before its end marker. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { length } = bytes
  if (length < 4 || bytes[0] !== MARKER || bytes[1] !== START) return undefined
  if (bytes[length - 2] !== MARKER || bytes[length - 1] !== END) return undefined
  for (let at = 2; at + 9 <= length;) {
    if (bytes[at] !== MARKER) return undefined
    const marker = bytes[at + 1] ?? 0
    if (FRAME_HEADERS.has(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return width > 0 && height > 0 ? { width, height } : undefined
    }
    at += 2 + Math.max(2, view.getUint16(at + 2))
  }
  return undefined
}
