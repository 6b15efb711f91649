/** Columns of the code strip; each is one bit or a reference level. */
export const CODE_COLUMNS = 32
/** Height of the code strip as a share of the picture's. */
export const CODE_STRIP_SHARE = 0.1
/** Frame numbers that fit the code. */
export const FRAME_NUMBERS = 2 ** 20

const WHITE = 255
const BLACK = 0

function check(frame: number): number {
  let rest = 0
  for (let bit = 19; bit >= 0; bit -= 1) {
    const carry = ((rest >> 7) & 1) ^ ((frame >> bit) & 1)
    rest = ((rest << 1) & 0xff) ^ (carry === 1 ? 0x07 : 0)
  }
  return rest ^ 0x55
}

/**
 * The grey levels (0 or 255) of a frame number's columns, left to right: white, black, 20 bits of the number, 8 bits of
 * check sum, black, white. Throws RangeError for a number that does not fit.
 */
export function encodeFrameNumber(frame: number): Uint8Array {
  if (!Number.isInteger(frame) || frame < 0 || frame >= FRAME_NUMBERS) throw new RangeError(`No frame ${frame}.`)
  const bits = (frame << 8) | check(frame)
  const columns = Array.from({ length: 28 }, (_, index) => (bits >> (27 - index)) & 1)
  return Uint8Array.from([1, 0, ...columns, 0, 1], bit => (bit === 1 ? WHITE : BLACK))
}

/**
 * The frame number in the mean grey levels of the 32 columns, undefined when they are not a whole code: no code at all,
 * or two frames blended into one. Refers to nothing outside itself, so that pages can be given its source.
 */
export function decodeFrameNumber(levels: ArrayLike<number>): number | undefined {
  const contrastMin = 64
  const level = (column: number) => levels[column] ?? 0
  const white = (level(0) + level(31)) / 2
  const black = (level(1) + level(30)) / 2
  if (white - black < contrastMin) return undefined
  let frame = 0
  let rest = 0
  for (let column = 2; column < 30; column += 1) {
    const bit = level(column) > (white + black) / 2 ? 1 : 0
    if (column < 22) {
      const carry = ((rest >> 7) & 1) ^ bit
      rest = ((rest << 1) & 0xff) ^ (carry === 1 ? 0x07 : 0)
      frame = frame * 2 + bit
    } else {
      const expected = ((rest ^ 0x55) >> (29 - column)) & 1
      if (bit !== expected) return undefined
    }
  }
  return frame
}
