import { TransportError } from './transport-error.ts'

/** The part of one packet that belongs to its PID: bytes [`from`, `to`) of what it was read from; empty without payload. */
export type TransportPacket = {
  pid: number
  /** A section or PES packet begins here. */
  begins: boolean
  /** Four bits that count the packets with payload of one PID. */
  counter: number
  /** The encoder says that the counter or the clock may jump here. */
  discontinuity: boolean
  scrambled: boolean
  from: number
  to: number
}

export const PACKET_BYTES = 188
const SYNC = 0x47
const HEADER_BYTES = 4

/**
 * The packets of a whole transport stream (ISO/IEC 13818-1 2.4.3), in order. Throws `TransportError` where one does not
 * begin with its sync byte, is cut short or says itself that it is damaged.
 */
export function* transportPackets(bytes: Uint8Array): Generator<TransportPacket> {
  if (bytes.length % PACKET_BYTES !== 0) {
    throw new TransportError('truncated', `${bytes.length} bytes are no whole number of packets.`)
  }
  for (let start = 0; start < bytes.length; start += PACKET_BYTES) {
    if (bytes[start] !== SYNC) throw new TransportError('lost-sync', `The packet at byte ${start} has no sync byte.`)
    yield packetAt(bytes, start)
  }
}

function packetAt(bytes: Uint8Array, start: number): TransportPacket {
  const first = bytes[start + 1] ?? 0
  const second = bytes[start + 2] ?? 0
  const control = bytes[start + 3] ?? 0
  if ((first & 0x80) !== 0) throw new TransportError('lost-packets', `The packet at byte ${start} is marked damaged.`)
  const hasField = (control & 0x20) !== 0
  const hasPayload = (control & 0x10) !== 0
  const fieldBytes = hasField ? 1 + (bytes[start + HEADER_BYTES] ?? 0) : 0
  const to = start + PACKET_BYTES
  const from = start + HEADER_BYTES + fieldBytes
  if (from > to)
    throw new TransportError('truncated', `The adaptation field at byte ${start} is longer than its packet.`)
  const flags = fieldBytes > 1 ? (bytes[start + HEADER_BYTES + 1] ?? 0) : 0
  return {
    pid: ((first & 0x1f) << 8) | second,
    begins: (first & 0x40) !== 0,
    counter: control & 0x0f,
    discontinuity: (flags & 0x80) !== 0,
    scrambled: (control & 0xc0) !== 0,
    from: hasPayload ? from : to,
    to,
  }
}
