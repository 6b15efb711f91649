import { RtmpError } from './rtmp-error.ts'
import type { RandomBytes } from '#shared/domain/id.ts'

const VERSION = 3
/** C1, S1, C2 and S2 (Adobe RTMP 1.0, 5.2). */
const PACKET_BYTES = 1536

type Step = { reply: Uint8Array; rest: Uint8Array | undefined }

/**
 * The plain handshake (5.2) of either side: bytes in, bytes to send out. `rest` is set once it is complete: what
 * follows it. Throws `RtmpError` when the peer speaks something else.
 */
export class RtmpHandshake {
  readonly #side: 'server' | 'client'
  readonly #random: RandomBytes
  #pending: Uint8Array = new Uint8Array(0)
  #answered = false

  constructor(side: 'server' | 'client', random: RandomBytes) {
    this.#side = side
    this.#random = random
  }

  /** What a client sends first; a server waits. */
  opening(): Uint8Array {
    return this.#hello()
  }

  push(bytes: Uint8Array): Step {
    this.#pending = Buffer.concat([this.#pending, bytes])
    let reply: Uint8Array = new Uint8Array(0)
    const version = this.#pending[0]
    if (version !== undefined && version !== VERSION)
      throw new RtmpError('handshake', 'This port speaks RTMP version 3.')
    if (!this.#answered && this.#pending.byteLength >= 1 + PACKET_BYTES) {
      const echo = this.#pending.subarray(1, 1 + PACKET_BYTES)
      reply = this.#side === 'server' ? Buffer.concat([this.#hello(), echo]) : new Uint8Array(echo)
      this.#answered = true
    }
    const whole = 1 + 2 * PACKET_BYTES
    if (this.#pending.byteLength < whole) return { reply, rest: undefined }
    // The peer's echo (C2, S2) is not compared: widespread encoders send zeros or their own bytes there.
    return { reply, rest: new Uint8Array(this.#pending.subarray(whole)) }
  }

  #hello(): Uint8Array {
    const bytes = new Uint8Array(1 + PACKET_BYTES)
    bytes[0] = VERSION
    // Time and version stay zero: a version above zero would announce the digest handshake.
    bytes.set(this.#random(PACKET_BYTES - 8), 9)
    return bytes
  }
}
