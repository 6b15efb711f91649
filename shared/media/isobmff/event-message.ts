import { concatBytes } from './box-splitter.ts'

/** The scheme players read as timed ID3 (Carriage of ID3 Timed Metadata in CMAF, AOM). */
export const ID3_SCHEME = 'https://aomedia.org/emsg/ID3'
const UNKNOWN_DURATION = 0xffff_ffff

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const NUL = Uint8Array.of(0)

export type EventMessage = {
  scheme: string
  value: string
  timescale: number
  /** In ticks of `timescale`, on the track's own timeline. */
  presentationTime: number
  /** Equal ids of one scheme are the same event. */
  id: number
  data: Uint8Array
}

/** An `emsg` box, version 1 (ISO/IEC 23009-1 5.10.3.3.3); its duration is unknown, as of an event without an end. */
export function eventMessage(message: EventMessage): Uint8Array {
  const strings = concatBytes([text(message.scheme), NUL, text(message.value), NUL])
  const bytes = new Uint8Array(32 + strings.length + message.data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length)
  bytes.set(text('emsg'), 4)
  view.setUint32(8, 0x0100_0000)
  view.setUint32(12, message.timescale)
  view.setBigUint64(16, BigInt(message.presentationTime))
  view.setUint32(24, UNKNOWN_DURATION)
  view.setUint32(28, message.id)
  bytes.set(strings, 32)
  bytes.set(message.data, 32 + strings.length)
  return bytes
}

const syncSafe = (size: number): number[] => [(size >> 21) & 0x7f, (size >> 14) & 0x7f, (size >> 7) & 0x7f, size & 0x7f]

/** An ID3v2.4 tag with one `TXXX` frame in UTF-8 (id3.org 2.4.0, 4.2.6). */
export function id3Text(description: string, value: string): Uint8Array {
  const body = concatBytes([Uint8Array.of(3), text(description), NUL, text(value)])
  const frame = concatBytes([text('TXXX'), Uint8Array.from([...syncSafe(body.length), 0, 0]), body])
  return concatBytes([text('ID3'), Uint8Array.from([4, 0, 0, ...syncSafe(frame.length)]), frame])
}
