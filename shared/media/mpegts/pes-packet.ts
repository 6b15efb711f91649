import { TransportError } from './transport-error.ts'

/** What the header of a PES packet says: when its first unit is shown and decoded, in ticks of 33 bits. */
export type PesHeader = { shown: number | undefined; decoded: number | undefined; payloadAt: number }

const FIXED_BYTES = 9
const TIME_BYTES = 5

/** Reads the header of a PES packet of picture or sound (ISO/IEC 13818-1 2.4.3.7). Throws `TransportError`. */
export function readPesHeader(packet: Uint8Array): PesHeader {
  if (packet[0] !== 0 || packet[1] !== 0 || packet[2] !== 1 || packet.length < FIXED_BYTES) {
    throw new TransportError('lost-packets', 'A PES packet does not begin with its start code.')
  }
  if (((packet[6] ?? 0) & 0xc0) !== 0x80) throw new TransportError('unsupported', 'The PES header has no fields.')
  const flags = packet[7] ?? 0
  const payloadAt = FIXED_BYTES + (packet[8] ?? 0)
  const hasShown = (flags & 0x80) !== 0
  const hasDecoded = (flags & 0xc0) === 0xc0
  const needed = FIXED_BYTES + (hasShown ? TIME_BYTES : 0) + (hasDecoded ? TIME_BYTES : 0)
  if (payloadAt > packet.length || needed > payloadAt)
    throw new TransportError('truncated', 'A PES header is cut short.')
  const shown = hasShown ? timeAt(packet, FIXED_BYTES) : undefined
  return { shown, decoded: hasDecoded ? timeAt(packet, FIXED_BYTES + TIME_BYTES) : shown, payloadAt }
}

/** 33 bits in three pieces, each with a marker bit behind it. */
function timeAt(bytes: Uint8Array, at: number): number {
  const byte = (index: number): number => bytes[at + index] ?? 0
  const high = (byte(0) >> 1) & 0x07
  const middle = (byte(1) << 7) | (byte(2) >> 1)
  const low = (byte(3) << 7) | (byte(4) >> 1)
  return high * 2 ** 30 + middle * 2 ** 15 + low
}
