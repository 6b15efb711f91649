const CODECS: Readonly<Record<number, string>> = {
  2: 'Sorenson H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6 with alpha',
  6: 'Screen video 2',
  7: 'H.264',
  12: 'HEVC',
}
const AVC_HEADER_BYTES = 5

/** What the head of a video tag's body says (E.4.3); `data` is a view, not a copy. */
export type VideoTag = {
  /** `H.264`, another codec's name, or its FourCC with `enhanced`. */
  codec: string
  enhanced: boolean
  isKey: boolean
  packet: 'configuration' | 'frame' | 'end'
  /** Presentation minus decoding time, ms; negative with some encoders. */
  compositionMs: number
  data: Uint8Array
}

/** Reads the head of a video tag's body; undefined when it is too short to be one or carries no frame (E.4.3.1, info frames). */
export function readVideoTag(body: Uint8Array): VideoTag | undefined {
  const first = body[0]
  if (first === undefined) return undefined
  if ((first & 0x80) !== 0) return enhanced(body, first)
  const frameType = first >>> 4
  if (frameType === 5) return undefined
  const codecId = first & 0x0f
  const codec = CODECS[codecId] ?? `codec ${codecId}`
  const isKey = frameType === 1
  if (codecId !== 7) {
    return { codec, enhanced: false, isKey, packet: 'frame', compositionMs: 0, data: body.subarray(1) }
  }
  if (body.byteLength < AVC_HEADER_BYTES) return undefined
  const type = body[1]
  const packet = type === 0 ? 'configuration' : type === 1 ? 'frame' : 'end'
  const raw = ((body[2] ?? 0) << 16) | ((body[3] ?? 0) << 8) | (body[4] ?? 0)
  const compositionMs = (raw << 8) >> 8
  return { codec, enhanced: false, isKey, packet, compositionMs, data: body.subarray(AVC_HEADER_BYTES) }
}

function enhanced(body: Uint8Array, first: number): VideoTag | undefined {
  if (body.byteLength < AVC_HEADER_BYTES) return undefined
  const codec = String.fromCharCode(...body.subarray(1, 5)).replaceAll(/[^\w]/g, '?')
  const isKey = ((first >>> 4) & 7) === 1
  const packet = (first & 0x0f) === 0 ? 'configuration' : 'frame'
  return { codec, enhanced: true, isKey, packet, compositionMs: 0, data: body.subarray(AVC_HEADER_BYTES) }
}
