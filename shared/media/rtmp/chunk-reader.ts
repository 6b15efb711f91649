import { RtmpError } from './rtmp-error.ts'
import { MESSAGE_TYPES, type RtmpMessage } from './rtmp-message.ts'

export const CHUNK_BYTES_DEFAULT = 128
/** Largest chunk size a peer may set. */
export const CHUNK_BYTES_MAX = 64 * 1024
/** Largest message that is put together. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024
/** Unfinished messages of all chunk streams together. */
export const PENDING_BYTES_MAX = 8 * 1024 * 1024
/** Chunk streams one connection may use; publishers use about six. */
const CHUNK_STREAMS_MAX = 64

const EXTENDED = 0xffffff
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const
const HEADER_BYTES_MAX = 3 + 11 + 4

type ChunkStream = {
  timestampMs: number
  deltaMs: number
  extended: boolean
  length: number
  type: number
  streamId: number
  parts: Uint8Array[]
  received: number
}

/**
 * Puts RTMP messages together from chunk bytes (Adobe RTMP 1.0, 5.3) pushed in pieces of any size. It obeys Set Chunk
 * Size and Abort by itself. Memory is bounded by `PENDING_BYTES_MAX`; every fault is an `RtmpError`.
 */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>()
  #chunkBytes = CHUNK_BYTES_DEFAULT
  #header: Uint8Array = new Uint8Array(0)
  #current: { stream: ChunkStream; left: number } | undefined
  #pendingBytes = 0

  push(bytes: Uint8Array): RtmpMessage[] {
    const messages: RtmpMessage[] = []
    let rest = this.#withHeader(bytes)
    for (;;) {
      if (!this.#current) {
        const taken = this.#readHeader(rest)
        if (taken === undefined) break
        rest = rest.subarray(taken)
      }
      const current = this.#current
      if (!current) break
      const piece = rest.subarray(0, current.left)
      if (piece.byteLength === 0 && current.left > 0) break
      rest = rest.subarray(piece.byteLength)
      const message = this.#append(current, piece)
      if (message) {
        this.#obey(message)
        messages.push(message)
      }
    }
    this.#header = new Uint8Array(rest)
    return messages
  }

  #withHeader(bytes: Uint8Array): Uint8Array {
    return this.#header.byteLength === 0 ? bytes : Buffer.concat([this.#header, bytes])
  }

  /** Reads one chunk header when it is whole; gives its length and sets the current chunk. */
  #readHeader(bytes: Uint8Array): number | undefined {
    const basic = readBasicHeader(bytes)
    if (!basic) return undefined
    const { format, id } = basic
    const known = this.#streams.get(id)
    if (format !== 0 && !known) throw new RtmpError('chunk', `Chunk stream ${id} starts without a full header.`)
    if (format !== 3 && known && known.received > 0)
      throw new RtmpError('chunk', `A message on chunk stream ${id} is cut.`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEADER_BYTES_MAX))
    const fieldsEnd = basic.bytes + MESSAGE_HEADER_BYTES[format]
    if (bytes.byteLength < fieldsEnd) return undefined
    const short = format === 3 ? undefined : view.getUint32(basic.bytes - 1) & EXTENDED
    const extended = short === undefined ? known?.extended === true : short === EXTENDED
    const end = fieldsEnd + (extended ? 4 : 0)
    if (bytes.byteLength < end) return undefined
    const time = extended ? view.getUint32(fieldsEnd) : (short ?? known?.deltaMs ?? 0)
    const stream = known ?? this.#newStream(id)
    if (format < 2) readLengthAndType(stream, view, basic.bytes)
    if (format === 0) stream.streamId = view.getUint32(basic.bytes + 7, true)
    if (stream.received === 0) startMessage(stream, format, time, extended)
    const left = Math.min(this.#chunkBytes, stream.length - stream.received)
    this.#current = { stream, left }
    return end
  }

  #newStream(id: number): ChunkStream {
    if (this.#streams.size >= CHUNK_STREAMS_MAX) throw new RtmpError('chunk', 'Too many chunk streams.')
    const stream = {
      timestampMs: 0,
      deltaMs: 0,
      extended: false,
      length: 0,
      type: 0,
      streamId: 0,
      parts: [],
      received: 0,
    }
    this.#streams.set(id, stream)
    return stream
  }

  #append(current: { stream: ChunkStream; left: number }, piece: Uint8Array): RtmpMessage | undefined {
    const { stream } = current
    if (piece.byteLength > 0) stream.parts.push(new Uint8Array(piece))
    stream.received += piece.byteLength
    this.#pendingBytes += piece.byteLength
    if (this.#pendingBytes > PENDING_BYTES_MAX) throw new RtmpError('chunk', 'Too many unfinished messages.')
    current.left -= piece.byteLength
    if (current.left > 0) return undefined
    this.#current = undefined
    if (stream.received < stream.length) return undefined
    const [only] = stream.parts
    const body = stream.parts.length === 1 && only ? only : new Uint8Array(Buffer.concat(stream.parts))
    this.#forget(stream)
    return { type: stream.type, timestampMs: stream.timestampMs, streamId: stream.streamId, body }
  }

  #forget(stream: ChunkStream): void {
    this.#pendingBytes -= stream.received
    stream.parts = []
    stream.received = 0
  }

  #obey(message: RtmpMessage): void {
    if (message.type !== MESSAGE_TYPES.setChunkSize && message.type !== MESSAGE_TYPES.abort) return
    if (message.body.byteLength < 4) throw new RtmpError('message', 'A control message is cut short.')
    const value = new DataView(message.body.buffer, message.body.byteOffset).getUint32(0)
    if (message.type === MESSAGE_TYPES.setChunkSize) {
      if (value < 1 || value > CHUNK_BYTES_MAX) {
        throw new RtmpError('chunk', `A chunk size of ${value} bytes is outside 1 to ${CHUNK_BYTES_MAX}.`)
      }
      this.#chunkBytes = value
      return
    }
    const aborted = this.#streams.get(value)
    if (aborted) this.#forget(aborted)
  }
}

function readBasicHeader(bytes: Uint8Array): { format: 0 | 1 | 2 | 3; id: number; bytes: number } | undefined {
  const [first, second, third] = bytes
  if (first === undefined) return undefined
  const format = (first >>> 6) as 0 | 1 | 2 | 3
  const id = first & 63
  if (id >= 2) return { format, id, bytes: 1 }
  if (second === undefined) return undefined
  if (id === 0) return { format, id: second + 64, bytes: 2 }
  if (third === undefined) return undefined
  return { format, id: third * 256 + second + 64, bytes: 3 }
}

function readLengthAndType(stream: ChunkStream, view: DataView, at: number): void {
  const length = view.getUint32(at + 2) & 0xffffff
  if (length > MESSAGE_BYTES_MAX) {
    throw new RtmpError('message', `A message of ${length} bytes is above ${MESSAGE_BYTES_MAX}.`)
  }
  stream.length = length
  stream.type = view.getUint8(at + 6)
}

function startMessage(stream: ChunkStream, format: number, time: number, extended: boolean): void {
  stream.extended = extended
  // A type 3 chunk that starts a message repeats the last delta, or the absolute time when that came last (5.3.1.2.4).
  stream.deltaMs = time
  stream.timestampMs = format === 0 ? time : (stream.timestampMs + time) >>> 0
}
