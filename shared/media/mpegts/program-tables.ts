/** An elementary stream of a program: its PID, and what it is (ISO/IEC 13818-1 table 2-34). */
export type ProgramStream = { pid: number; type: number }

const ASSOCIATION_TABLE = 0
const MAP_TABLE = 2
/** Fields of every section between its length and its body. */
const HEADER_BYTES = 8
const NETWORK_PROGRAM = 0

/** PID of the first program's map in an association section (2.4.4.3); undefined in any other and where none is in force. */
export function readProgramAssociation(section: Uint8Array): number | undefined {
  if (!isInForce(section, ASSOCIATION_TABLE)) return undefined
  for (let at = HEADER_BYTES; at + 4 <= section.length; at += 4) {
    if (u16(section, at) !== NETWORK_PROGRAM) return u16(section, at + 2) & 0x1fff
  }
  return undefined
}

/** The streams of a program map section (2.4.4.8); undefined in any other and where none is in force. */
export function readProgramMap(section: Uint8Array): ProgramStream[] | undefined {
  if (!isInForce(section, MAP_TABLE)) return undefined
  const streams: ProgramStream[] = []
  let at = HEADER_BYTES + 4 + (u16(section, HEADER_BYTES + 2) & 0x0fff)
  while (at + 5 <= section.length) {
    streams.push({ type: section[at] ?? 0, pid: u16(section, at + 1) & 0x1fff })
    at += 5 + (u16(section, at + 3) & 0x0fff)
  }
  return streams
}

function isInForce(section: Uint8Array, table: number): boolean {
  return section.length >= HEADER_BYTES && section[0] === table && ((section[5] ?? 0) & 1) === 1
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
