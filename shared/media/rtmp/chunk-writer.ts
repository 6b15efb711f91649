import { CHUNK_BYTES_DEFAULT } from './chunk-reader.ts'
import { MESSAGE_TYPES, type RtmpMessage } from './rtmp-message.ts'

const EXTENDED = 0xffffff
/** Chunk stream of each message type, as encoders and servers in the field choose them. */
const CHUNK_STREAM = { control: 2, command: 3, audio: 4, data: 5, video: 6 } as const

/** Cuts messages into chunks (Adobe RTMP 1.0, 5.3): one full header, then continuations; obeys its own Set Chunk Size. */
export class ChunkWriter {
  #chunkBytes = CHUNK_BYTES_DEFAULT

  write(message: RtmpMessage): Uint8Array {
    const { body } = message
    const extended = message.timestampMs >= EXTENDED
    const count = Math.max(1, Math.ceil(body.byteLength / this.#chunkBytes))
    const time = extended ? 4 : 0
    const bytes = new Uint8Array(12 + time + (count - 1) * (1 + time) + body.byteLength)
    const view = new DataView(bytes.buffer)
    const id = chunkStreamOf(message.type)
    let at = writeFullHeader(view, id, message)
    for (let index = 0; index < count; index += 1) {
      if (index > 0) {
        view.setUint8(at, 0xc0 | id)
        at += 1
      }
      if (extended) {
        view.setUint32(at, message.timestampMs)
        at += 4
      }
      const piece = body.subarray(index * this.#chunkBytes, (index + 1) * this.#chunkBytes)
      bytes.set(piece, at)
      at += piece.byteLength
    }
    if (message.type === MESSAGE_TYPES.setChunkSize)
      this.#chunkBytes = new DataView(body.buffer, body.byteOffset).getUint32(0)
    return bytes
  }
}

function writeFullHeader(view: DataView, id: number, message: RtmpMessage): number {
  const short = Math.min(message.timestampMs, EXTENDED)
  view.setUint8(0, id)
  view.setUint32(1, (short << 8) | (message.body.byteLength >>> 16))
  view.setUint16(5, message.body.byteLength & 0xffff)
  view.setUint8(7, message.type)
  view.setUint32(8, message.streamId, true)
  return 12
}

function chunkStreamOf(type: number): number {
  if (type === MESSAGE_TYPES.audio) return CHUNK_STREAM.audio
  if (type === MESSAGE_TYPES.video || type === MESSAGE_TYPES.aggregate) return CHUNK_STREAM.video
  if (type === MESSAGE_TYPES.data || type === MESSAGE_TYPES.dataAmf3) return CHUNK_STREAM.data
  return type === MESSAGE_TYPES.command || type === MESSAGE_TYPES.commandAmf3
    ? CHUNK_STREAM.command
    : CHUNK_STREAM.control
}
