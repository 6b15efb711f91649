import type { Container } from './pinned-input.ts'

const SYNC_BYTE = 0x47
const TRANSPORT_PACKET_BYTES = 188

/** Which container the first bytes are, by our own reading; undefined when it is none that we take. */
export function sniffContainer(head: Uint8Array): Container | undefined {
  const ascii = (start: number, end: number): string => String.fromCharCode(...head.subarray(start, end))
  if (ascii(4, 8) === 'ftyp' || ascii(4, 8) === 'moov') return 'mov'
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) return 'matroska'
  if (ascii(0, 4) === 'FLV\u0001') return 'flv'
  if (head[0] === SYNC_BYTE && head[TRANSPORT_PACKET_BYTES] === SYNC_BYTE) return 'mpegts'
  return undefined
}
