/** Longest run of leading zeros an Exp-Golomb code may have (ITU-T H.264 9.1: values fit 32 bits). */
const GOLOMB_ZEROS_MAX = 31

/** Reads bits, most significant first. Past the end it gives zeros and sets `exhausted`, so parsers check once at the end. */
export class BitReader {
  readonly #bytes: Uint8Array
  #position = 0
  exhausted = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  bit(): number {
    const byte = this.#bytes[this.#position >>> 3]
    if (byte === undefined) {
      this.exhausted = true
      return 0
    }
    const bit = (byte >>> (7 - (this.#position & 7))) & 1
    this.#position += 1
    return bit
  }

  /** An unsigned number of at most 32 bits. */
  read(count: number): number {
    let value = 0
    for (let index = 0; index < count; index += 1) value = value * 2 + this.bit()
    return value
  }

  flag(): boolean {
    return this.bit() === 1
  }

  /** ue(v): an unsigned Exp-Golomb code (ITU-T H.264 9.1). */
  golomb(): number {
    let zeros = 0
    while (this.bit() === 0) {
      zeros += 1
      if (this.exhausted || zeros > GOLOMB_ZEROS_MAX) {
        this.exhausted = true
        return 0
      }
    }
    return 2 ** zeros - 1 + this.read(zeros)
  }

  /** se(v): a signed Exp-Golomb code (ITU-T H.264 9.1.1). */
  signedGolomb(): number {
    const code = this.golomb()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}
