import { IsobmffError } from './isobmff-error.ts'

/** Children of one box that are looked at; a moov of two tracks has about twenty. */
const CHILDREN_MAX = 256
const HEADER_BYTES = 8
const LARGE_HEADER_BYTES = 16

/** A box inside a byte array: `start` is its header, `body` its first byte after the header, `end` one past its last. */
export type BoxView = { type: string; start: number; body: number; end: number }

/** The four characters at `offset`. */
export function fourCc(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0, bytes[offset + 3] ?? 0)
}

/** A DataView over exactly these bytes, wherever they lie in their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Reads one box header (ISO/IEC 14496-12 4.2): its size in bytes, header included, and where its body begins.
 * `undefined` while fewer bytes than the header are there. Throws `bad-size` for a size smaller than the header, and for
 * size 0 ("to the end of the file"), which a stream never has.
 */
export function boxHeader(
  bytes: Uint8Array,
  offset: number,
  end: number,
): { type: string; size: number; header: number } | undefined {
  if (end - offset < HEADER_BYTES) return undefined
  const view = viewOf(bytes)
  const type = fourCc(bytes, offset + 4)
  const size = view.getUint32(offset)
  if (size !== 1) {
    if (size < HEADER_BYTES) throw new IsobmffError('bad-size', `Box ${JSON.stringify(type)} claims ${size} bytes.`)
    return { type, size, header: HEADER_BYTES }
  }
  if (end - offset < LARGE_HEADER_BYTES) return undefined
  const large = Number(view.getBigUint64(offset + HEADER_BYTES))
  if (large < LARGE_HEADER_BYTES || !Number.isSafeInteger(large)) {
    throw new IsobmffError('bad-size', `Box ${JSON.stringify(type)} claims ${large} bytes.`)
  }
  return { type, size: large, header: LARGE_HEADER_BYTES }
}

/** The boxes that fill `bytes` from `from` to `to`; throws `truncated` when one sticks out, `too-many` above 256. */
export function childBoxes(bytes: Uint8Array, from: number, to: number): BoxView[] {
  const boxes: BoxView[] = []
  let offset = from
  while (offset < to) {
    const header = boxHeader(bytes, offset, to)
    if (header === undefined || offset + header.size > to) {
      throw new IsobmffError('truncated', `A box at byte ${offset} is longer than what holds it.`)
    }
    if (boxes.length === CHILDREN_MAX) throw new IsobmffError('too-many', `More than ${CHILDREN_MAX} boxes in one.`)
    boxes.push({ type: header.type, start: offset, body: offset + header.header, end: offset + header.size })
    offset += header.size
  }
  return boxes
}

/** The first box at the path below `bytes[from, to)`, e.g. `['mdia', 'mdhd']`. */
export function findBox(bytes: Uint8Array, from: number, to: number, path: readonly string[]): BoxView | undefined {
  let found: BoxView | undefined
  let [start, end] = [from, to]
  for (const type of path) {
    found = childBoxes(bytes, start, end).find(box => box.type === type)
    if (found === undefined) return undefined
    start = found.body
    end = found.end
  }
  return found
}

/** As `findBox`, but throws `missing-box` when it is not there and `truncated` when it has fewer body bytes than needed. */
export function needBox(
  bytes: Uint8Array,
  from: number,
  to: number,
  path: readonly string[],
  bodyBytesMin = 0,
): BoxView {
  const box = findBox(bytes, from, to, path)
  if (box === undefined) throw new IsobmffError('missing-box', `There is no ${path.join('/')}.`)
  if (box.end - box.body < bodyBytesMin) throw new IsobmffError('truncated', `Box ${path.join('/')} is too short.`)
  return box
}
