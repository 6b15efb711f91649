import type { RandomBytes } from '#shared/domain/id.ts'
import { decodeAmf0, encodeAmf0, type Amf0Value } from './amf0.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { RtmpHandshake } from './rtmp-handshake.ts'
import { controlMessage, MESSAGE_TYPES, USER_CONTROL, userControlMessage, type RtmpMessage } from './rtmp-message.ts'

/** Bytes after which either side wants an acknowledgement. */
const WINDOW_BYTES = 2_500_000
/** Size of the chunks we send. */
const CHUNK_BYTES_SENT = 4096
const PEER_BANDWIDTH_DYNAMIC = 2

export type RtmpCommand = { name: string; transaction: number; values: Amf0Value[] }

/**
 * What both ends of an RTMP connection have in common, without a socket: handshake, chunks, acknowledgements and pings.
 * Bytes go in through `receive`, what is to be sent comes out of `takeOutput`. Faults are `RtmpError`.
 */
export class RtmpConnection {
  readonly #handshake: RtmpHandshake
  readonly #reader = new ChunkReader()
  readonly #writer = new ChunkWriter()
  #output: Uint8Array[] = []
  #shaken = false
  #received = 0
  #acknowledged = 0
  #peerWindow = WINDOW_BYTES

  constructor(side: 'server' | 'client', random: RandomBytes) {
    this.#handshake = new RtmpHandshake(side, random)
    if (side === 'client') this.#output.push(this.#handshake.opening())
  }

  /** Whether the handshake is complete. */
  get shaken(): boolean {
    return this.#shaken
  }

  /** The messages that are complete with these bytes, without those that this layer answers by itself. */
  receive(bytes: Uint8Array): RtmpMessage[] {
    this.#received += bytes.byteLength
    let payload: Uint8Array = bytes
    if (!this.#shaken) {
      const step = this.#handshake.push(bytes)
      if (step.reply.byteLength > 0) this.#output.push(step.reply)
      if (!step.rest) return []
      this.#shaken = true
      payload = step.rest
    }
    const messages = this.#reader.push(payload).filter(message => !this.#answer(message))
    this.#acknowledge()
    return messages
  }

  /** Everything there is to send, in order; the caller owns it afterwards. */
  takeOutput(): Uint8Array[] {
    const output = this.#output
    this.#output = []
    return output
  }

  send(message: RtmpMessage): void {
    this.#output.push(this.#writer.write(message))
  }

  sendCommand(streamId: number, ...values: Amf0Value[]): void {
    this.send({ type: MESSAGE_TYPES.command, timestampMs: 0, streamId, body: encodeAmf0(values) })
  }

  /** Window, bandwidth and chunk size, which a server tells on connect and a client before it publishes. */
  sendLimits(): void {
    this.send(controlMessage(MESSAGE_TYPES.windowAcknowledgement, WINDOW_BYTES))
    this.send({
      ...controlMessage(MESSAGE_TYPES.setPeerBandwidth, WINDOW_BYTES),
      body: Uint8Array.of(...controlMessage(0, WINDOW_BYTES).body, PEER_BANDWIDTH_DYNAMIC),
    })
    this.sendChunkSize()
  }

  sendChunkSize(): void {
    this.send(controlMessage(MESSAGE_TYPES.setChunkSize, CHUNK_BYTES_SENT))
  }

  #answer(message: RtmpMessage): boolean {
    const view = new DataView(message.body.buffer, message.body.byteOffset, message.body.byteLength)
    switch (message.type) {
      case MESSAGE_TYPES.setChunkSize:
      case MESSAGE_TYPES.abort:
      case MESSAGE_TYPES.acknowledgement:
      case MESSAGE_TYPES.setPeerBandwidth:
        return true
      case MESSAGE_TYPES.windowAcknowledgement:
        if (view.byteLength >= 4) this.#peerWindow = Math.max(1, view.getUint32(0))
        return true
      case MESSAGE_TYPES.userControl:
        if (view.byteLength >= 6 && view.getUint16(0) === USER_CONTROL.pingRequest) {
          this.send(userControlMessage(USER_CONTROL.pingResponse, view.getUint32(2)))
        }
        return true
      default:
        return false
    }
  }

  #acknowledge(): void {
    // One for all that came with one read: a peer that asks for a window of one byte gets no flood.
    if (this.#received - this.#acknowledged < this.#peerWindow) return
    this.#acknowledged = this.#received
    this.send(controlMessage(MESSAGE_TYPES.acknowledgement, this.#received >>> 0))
  }
}

/** The command a message carries (7.1.1); undefined when it is not one. */
export function commandOf(message: RtmpMessage): RtmpCommand | undefined {
  const amf3 = message.type === MESSAGE_TYPES.commandAmf3
  if (!amf3 && message.type !== MESSAGE_TYPES.command) return undefined
  // An AMF3 command starts with a zero byte and goes on in AMF0 for every encoder in the field.
  const [name, transaction, ...values] = decodeAmf0(amf3 ? message.body.subarray(1) : message.body)
  if (typeof name !== 'string') return undefined
  return { name, transaction: typeof transaction === 'number' ? transaction : 0, values }
}
