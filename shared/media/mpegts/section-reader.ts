import { concatBytes } from '../isobmff/box-splitter.ts'

/** Table id, and the two bytes that end with the length. */
const HEADER_BYTES = 3
/** Longest section of the program tables (ISO/IEC 13818-1 2.4.4.4), in bytes. */
const SECTION_BYTES_MAX = 1024
const STUFFING = 0xff
const POLYNOMIAL = 0x04c1_1db7

/** Puts the sections of one PID together, whatever packets they are spread over; damaged ones are passed over. */
export class SectionReader {
  #pending: Uint8Array = new Uint8Array()

  /** Takes one packet's payload; gives the sections that are whole now, checksum verified and taken off. */
  push(payload: Uint8Array, begins: boolean): Uint8Array[] {
    if (!begins) return this.#pending.length === 0 ? [] : this.#take(payload)
    const pointer = payload[0] ?? 0
    const before = this.#pending.length === 0 ? [] : this.#take(payload.subarray(1, 1 + pointer))
    this.#pending = new Uint8Array()
    return [...before, ...this.#take(payload.subarray(1 + pointer))]
  }

  #take(bytes: Uint8Array): Uint8Array[] {
    let rest = concatBytes([this.#pending, bytes])
    const sections: Uint8Array[] = []
    while (rest.length >= HEADER_BYTES && rest[0] !== STUFFING) {
      const length = HEADER_BYTES + ((((rest[1] ?? 0) & 0x0f) << 8) | (rest[2] ?? 0))
      if (length > SECTION_BYTES_MAX) {
        rest = new Uint8Array()
        break
      }
      if (rest.length < length) break
      const section = rest.subarray(0, length)
      if (checksum(section) === 0) sections.push(section.subarray(0, length - 4))
      rest = rest.subarray(length)
    }
    this.#pending = rest[0] === STUFFING ? new Uint8Array() : rest
    return sections
  }
}

/** CRC-32 as sections use it (ISO/IEC 13818-1 Annex A): 0 over a section with its own checksum. */
function checksum(section: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of section) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1
  }
  return crc >>> 0
}
