import { boxHeader } from './box-view.ts'
import { IsobmffError } from './isobmff-error.ts'

/** One whole top-level box, header included. */
export type TopBox = { type: string; bytes: Uint8Array }

/** Longest header that is looked for before more bytes are awaited. */
const HEADER_BYTES_MAX = 16

/**
 * Cuts a byte stream into its top-level boxes, whatever the sizes of the pieces it arrives in.
 *
 * Holds at most one unfinished box of `boxBytesMax` bytes; a larger claim throws `too-large` before anything is
 * gathered, so a hostile size costs nothing. After a throw the splitter must not be fed again.
 */
export class BoxSplitter {
  readonly #boxBytesMax: number
  #pieces: Uint8Array[] = []
  #length = 0

  constructor(boxBytesMax: number) {
    this.#boxBytesMax = boxBytesMax
  }

  /** Bytes of the unfinished box. */
  get pendingBytes(): number {
    return this.#length
  }

  /** The boxes these bytes complete, in order. */
  push(bytes: Uint8Array): TopBox[] {
    if (bytes.length > 0) {
      this.#pieces.push(bytes)
      this.#length += bytes.length
    }
    const boxes: TopBox[] = []
    for (let box = this.#next(); box !== undefined; box = this.#next()) boxes.push(box)
    return boxes
  }

  #next(): TopBox | undefined {
    const head = this.#peek(HEADER_BYTES_MAX)
    const header = boxHeader(head, 0, head.length)
    if (header === undefined) return undefined
    if (header.size > this.#boxBytesMax) {
      throw new IsobmffError('too-large', `Box ${JSON.stringify(header.type)} claims ${header.size} bytes.`)
    }
    return this.#length < header.size ? undefined : { type: header.type, bytes: this.#take(header.size) }
  }

  #peek(length: number): Uint8Array {
    const first = this.#pieces[0]
    if (first !== undefined && first.length >= length) return first.subarray(0, length)
    return concatBytes(this.#pieces, Math.min(length, this.#length))
  }

  #take(length: number): Uint8Array {
    const taken: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      const piece = this.#pieces[0]
      if (piece === undefined) break
      if (piece.length <= missing) this.#pieces.shift()
      else this.#pieces[0] = piece.subarray(missing)
      taken.push(piece.subarray(0, missing))
      missing -= Math.min(missing, piece.length)
    }
    this.#length -= length
    return concatBytes(taken, length)
  }
}

/** The first `length` bytes of the pieces as one array of their own. */
export function concatBytes(
  pieces: readonly Uint8Array[],
  length = pieces.reduce((sum, p) => sum + p.length, 0),
): Uint8Array {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    if (offset >= length) break
    const part = piece.subarray(0, length - offset)
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
