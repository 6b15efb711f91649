/** One RTMP message (Adobe RTMP 1.0, 6.1), put together from its chunks. */
export type RtmpMessage = {
  type: number
  /** Milliseconds, 32 bits, wraps. */
  timestampMs: number
  streamId: number
  body: Uint8Array
}

/** Message types (5.4, 6.2, 7.1) that are understood. */
export const MESSAGE_TYPES = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgement: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const

/** User control events (6.2). */
export const USER_CONTROL = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const

/** A control message: stream 0, time 0, its body of big-endian 32-bit numbers. */
export function controlMessage(type: number, ...words: number[]): RtmpMessage {
  const body = new Uint8Array(words.length * 4)
  const view = new DataView(body.buffer)
  words.forEach((word, index) => view.setUint32(index * 4, word))
  return { type, timestampMs: 0, streamId: 0, body }
}

/** A user control message (6.2): a 16-bit event and its 32-bit value. */
export function userControlMessage(event: number, value: number): RtmpMessage {
  const body = new Uint8Array(6)
  const view = new DataView(body.buffer)
  view.setUint16(0, event)
  view.setUint32(2, value)
  return { type: MESSAGE_TYPES.userControl, timestampMs: 0, streamId: 0, body }
}
