import { connect, type Socket } from 'node:net'
import { helloBytes, RelayError, RelayFrameReader, type RelayEnd, type RelayHello } from './relay-wire.ts'

const CONNECT_MS = 3_000
/** Silence after which the host is taken for lost; it says something every second. */
const SILENCE_MS = 5_000
/** Source on its way to the encoder: beyond this it waits with us, where it can be left out. */
const UNCONSUMED_MS_MAX = 1_000
const UNCONSUMED_BYTES_MAX = 4 * 1024 * 1024

export type RelayAddress = { host: string; port: number }

export type EncodeOverRelayOptions = RelayHello & {
  relay: RelayAddress
  /** Output of one track, in order within the track. */
  onMedia: (track: number, bytes: Uint8Array) => void
  signal: AbortSignal
}

/** How a run ended; `lost` is a connection that broke without saying why. */
export type EncoderEnd = Omit<RelayEnd, 'reason'> & { reason: RelayEnd['reason'] | 'lost' }

/** One encoder at the other end of the wire. */
export type EncoderRun = {
  /** Gives the source bytes of that media time (ms); resolves when more may come. Bytes for an ended run are dropped. */
  write(bytes: Uint8Array, mediaMs: number): Promise<void>
  /** Media time on the wire that the encoder has not taken yet, ms. */
  unconsumedMs(): number
  /** No more source: the encoder finishes and `ended` resolves after its last output. */
  finish(): void
  /** Resolves once, after the last `onMedia`; never rejects. */
  readonly ended: Promise<EncoderEnd>
}

/** Starts an encoder over the relay. Rejects when there is no connection within 3 s. */
export async function encodeOverRelay(options: EncodeOverRelayOptions): Promise<EncoderRun> {
  const socket = await connected(options.relay, options.signal)
  const window = new SourceWindow()
  const ended = endOf(socket, options, window)
  socket.write(helloBytes({ plan: options.plan, skipMs: options.skipMs }))
  return {
    write: async (bytes, mediaMs) => {
      if (socket.destroyed || socket.writableEnded) return
      socket.write(bytes)
      window.sent(bytes.byteLength, mediaMs)
      await window.room()
    },
    unconsumedMs: () => window.unconsumedMs,
    finish: () => void socket.end(),
    ended,
  }
}

/** Counts what was sent and not yet consumed; opens for good when the run is over. */
class SourceWindow {
  readonly #marks: { endsAt: number; mediaMs: number }[] = []
  #sentBytes = 0
  #newestMs = 0
  #consumedBytes = 0
  #over = false
  #wake: () => void = () => undefined

  get unconsumedMs(): number {
    return this.#newestMs - (this.#marks[0]?.mediaMs ?? this.#newestMs)
  }

  sent(bytes: number, mediaMs: number): void {
    this.#sentBytes += bytes
    this.#newestMs = Math.max(this.#newestMs, mediaMs)
    this.#marks.push({ endsAt: this.#sentBytes, mediaMs })
  }

  consumed(bytes: number): void {
    this.#consumedBytes = bytes
    while ((this.#marks[0]?.endsAt ?? Infinity) <= bytes) this.#marks.shift()
    this.#wake()
  }

  close(): void {
    this.#over = true
    this.#wake()
  }

  async room(): Promise<void> {
    while (!this.#over && this.#full) await new Promise<void>(resolve => (this.#wake = resolve))
  }

  get #full(): boolean {
    return this.unconsumedMs > UNCONSUMED_MS_MAX || this.#sentBytes - this.#consumedBytes > UNCONSUMED_BYTES_MAX
  }
}

function connected(relay: RelayAddress, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({
      ...relay,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 5_000,
      allowHalfOpen: true,
    })
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error('The encoder host does not answer.')), CONNECT_MS)
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

function endOf(socket: Socket, options: EncodeOverRelayOptions, window: SourceWindow): Promise<EncoderEnd> {
  return new Promise(resolve => {
    const reader = new RelayFrameReader()
    let end: EncoderEnd = { reason: 'lost', sentence: 'The connection to the encoder was lost.', stderrTail: '' }
    const abort = (): void => {
      end = { reason: 'aborted', sentence: 'Encoding was stopped.', stderrTail: '' }
      socket.destroy()
    }
    if (options.signal.aborted) abort()
    options.signal.addEventListener('abort', abort, { once: true })
    socket.setTimeout(SILENCE_MS)
    socket.on('data', (bytes: Buffer) => {
      try {
        for (const frame of reader.push(bytes)) {
          if (frame.kind === 'media') options.onMedia(frame.track, frame.bytes)
          else if (frame.kind === 'progress') window.consumed(frame.consumedBytes)
          else end = frame.end
        }
      } catch (error) {
        const sentence = error instanceof RelayError ? error.message : 'The output of the encoder could not be taken.'
        end = { reason: 'lost', sentence, stderrTail: String(error) }
        socket.destroy()
      }
    })
    socket.once('timeout', () => socket.destroy())
    socket.once('end', () => socket.destroy())
    socket.once('close', () => {
      options.signal.removeEventListener('abort', abort)
      window.close()
      resolve(end)
    })
  })
}
