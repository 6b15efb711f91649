import type { Socket } from 'node:net'

/** `silent`: nothing came in time. `closed`: the peer hung up or the socket broke. */
export type SocketRead = Uint8Array | 'silent' | 'closed'

/**
 * Reads a socket on demand. Between reads the socket is paused, so that a slow reader pushes back on the sender; the
 * time to wait runs only while someone waits.
 */
export class SocketReader {
  readonly #socket: Socket
  #closed = false
  #wake: () => void = () => undefined

  constructor(socket: Socket) {
    this.#socket = socket
    const closed = (): void => {
      this.#closed = true
      this.#wake()
    }
    socket.once('end', closed).once('close', closed)
    socket.on('readable', this.#onReadable)
  }

  readonly #onReadable = (): void => this.#wake()

  /** Gives the socket back, to be piped elsewhere. */
  release(): void {
    this.#socket.off('readable', this.#onReadable)
  }

  async read(waitMs: number): Promise<SocketRead> {
    const deadline = performance.now() + waitMs
    for (;;) {
      const bytes = this.#socket.read() as Buffer | null
      if (bytes) return bytes
      if (this.#closed) return 'closed'
      const left = deadline - performance.now()
      if (left <= 0) return 'silent'
      await this.#somethingWithin(left)
    }
  }

  #somethingWithin(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
