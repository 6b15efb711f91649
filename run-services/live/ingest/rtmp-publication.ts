import type { Socket } from 'node:net'
import type { Clock } from '#shared/domain/clock.ts'
import type { RandomBytes } from '#shared/domain/id.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { RtmpError } from '#shared/media/rtmp/rtmp-error.ts'
import { RtmpServerSession, type RtmpServerEvent } from '#shared/media/rtmp/rtmp-server-session.ts'
import type { Admission, Admit, Publication, PublishEnd } from '../borders.ts'
import type { IngestLog } from './ingest-log.ts'
import type { RtmpDoorLimits } from './rtmp-door.ts'
import { SocketReader } from './socket-reader.ts'

/** Longest a refused publisher gets to read why, ms. */
const GOODBYE_MS = 1_000
/** Answers that may wait for a peer which does not read them, bytes. */
const UNREAD_BYTES_MAX = 256 * 1024

export type ServeRtmpSocketOptions = {
  address: string
  admit: Admit
  onPublication: (publication: Publication) => void
  log: IngestLog
  limits: RtmpDoorLimits
  random: RandomBytes
  now: Clock
}

/** Runs one connection from its handshake to its admission; an accepted one goes on as a `Publication`. Never rejects. */
export async function serveRtmpSocket(socket: Socket, options: ServeRtmpSocketOptions): Promise<void> {
  const link = new RtmpLink(socket, options)
  try {
    const streamKey = await link.publishRequest(options.limits.handshakeMs)
    if (streamKey === undefined) return void socket.destroy()
    const decision = await options.admit(streamKey, options.address)
    if ('reason' in decision) {
      options.log.info({ address: options.address, reason: decision.reason }, 'rtmp: publisher refused')
      return link.hangUp(decision.sentence, 'NetStream.Publish.BadName')
    }
    // Also when the socket broke meanwhile: who admitted it hears of its end.
    options.onPublication(link.accept(decision))
  } catch (error) {
    const known = error instanceof RtmpError
    options.log.warn(
      { address: options.address, fault: known ? error.fault : 'internal', err: error },
      'rtmp: connection failed',
    )
    link.hangUp(known ? error.message : 'The server had a fault; try again.')
  }
}

/** One socket and its session: bytes in, answers out, one tag at a time. */
class RtmpLink {
  readonly #socket: Socket
  readonly #reader: SocketReader
  readonly #session: RtmpServerSession
  readonly #options: ServeRtmpSocketOptions
  #early: RtmpServerEvent[] = []
  #bytes = 0
  #lastAtMs: number
  #droppedWith: string | undefined

  constructor(socket: Socket, options: ServeRtmpSocketOptions) {
    this.#socket = socket
    this.#options = options
    this.#reader = new SocketReader(socket)
    this.#session = new RtmpServerSession(options.random)
    this.#lastAtMs = options.now()
  }

  /** The stream key of the `publish` command; undefined when none came in time. */
  async publishRequest(withinMs: number): Promise<string | undefined> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const left = deadline - performance.now()
      const bytes = left > 0 ? await this.#reader.read(left) : 'silent'
      if (typeof bytes === 'string') return undefined
      const [event] = this.#receive(bytes)
      if (event?.kind === 'publish') return event.streamKey
    }
  }

  accept(admission: Admission): Publication {
    this.#early = this.#session.accept()
    this.#flush()
    let resolveEnd: (end: PublishEnd) => void = () => undefined
    const ended = new Promise<PublishEnd>(resolve => (resolveEnd = resolve))
    return {
      ...admission,
      protocol: 'rtmp',
      remoteAddress: this.#options.address,
      tags: this.#tags(resolveEnd),
      ended,
      drop: sentence => {
        if (this.#droppedWith !== undefined) return
        this.#droppedWith = sentence
        this.hangUp(sentence)
        // Whether or not somebody still reads the tags.
        resolveEnd('dropped')
      },
      received: () => ({ bytes: this.#bytes, lastAtMs: this.#lastAtMs }),
    }
  }

  /** Says why and closes; a peer that does not read is cut off after a moment. */
  hangUp(
    sentence: string,
    code: 'NetStream.Publish.BadName' | 'NetStream.Publish.Failed' = 'NetStream.Publish.Failed',
  ): void {
    if (this.#socket.destroyed) return
    this.#session.refuse(sentence, code)
    this.#flush()
    this.#socket.end()
    this.#socket.resume()
    const timer = setTimeout(() => this.#socket.destroy(), GOODBYE_MS)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  async *#tags(resolveEnd: (end: PublishEnd) => void): AsyncGenerator<FlvTag> {
    let end: PublishEnd = 'dropped'
    try {
      yield* tagsOf(this.#early)
      for (;;) {
        const bytes = await this.#reader.read(this.#options.limits.idleMs)
        if (this.#droppedWith !== undefined) return
        if (typeof bytes === 'string') {
          end = bytes === 'silent' ? 'idle' : 'connection-lost'
          return
        }
        const events = this.#receive(bytes)
        yield* tagsOf(events)
        if (events.some(event => event.kind === 'unpublish')) {
          end = 'unpublished'
          return
        }
      }
    } catch (error) {
      if (!(error instanceof RtmpError)) throw error
      end = error.fault === 'unsupported' ? 'unsupported-codec' : 'protocol-error'
      this.#options.log.warn(
        { address: this.#options.address, fault: error.fault, err: error },
        'rtmp: publisher broke the protocol',
      )
      this.hangUp(error.message)
    } finally {
      if (end !== 'dropped' && end !== 'protocol-error' && end !== 'unsupported-codec') this.#socket.destroy()
      else if (this.#droppedWith === undefined) this.hangUp('The show was ended.')
      resolveEnd(end)
    }
  }

  #receive(bytes: Uint8Array): RtmpServerEvent[] {
    this.#bytes += bytes.byteLength
    this.#lastAtMs = this.#options.now()
    try {
      return this.#session.receive(bytes)
    } finally {
      this.#flush()
    }
  }

  #flush(): void {
    for (const bytes of this.#session.takeOutput()) this.#socket.write(bytes)
    if (this.#socket.writableLength > UNREAD_BYTES_MAX) {
      this.#socket.destroy()
    }
  }
}

function tagsOf(events: readonly RtmpServerEvent[]): FlvTag[] {
  return events.flatMap(event => (event.kind === 'tag' ? [event.tag] : []))
}
