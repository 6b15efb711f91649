import type { RandomBytes } from '#shared/domain/id.ts'
import type { FlvTag } from '../flv/flv-tag.ts'
import type { Amf0Value } from './amf0.ts'
import { messageOfTag } from './media-message.ts'
import { commandOf, RtmpConnection, type RtmpCommand } from './rtmp-connection.ts'

const TRANSACTION = { connect: 1, release: 2, createStream: 3, publish: 4 } as const

export type RtmpClientEvent =
  | { kind: 'publishing' }
  /** The server said no; the sentence is its description. */
  | { kind: 'refused'; code: string; sentence: string }

export type RtmpTarget = { app: string; streamKey: string; url: string }

/** The publishing side of a connection (Adobe RTMP 1.0, 7.2) as a state machine without a socket. Faults are `RtmpError`. */
export class RtmpClientSession {
  readonly #connection: RtmpConnection
  readonly #target: RtmpTarget
  #opened = false
  #streamId = 0
  #publishing = false

  constructor(target: RtmpTarget, random: RandomBytes) {
    this.#connection = new RtmpConnection('client', random)
    this.#target = target
  }

  receive(bytes: Uint8Array): RtmpClientEvent[] {
    const messages = this.#connection.receive(bytes)
    if (this.#connection.shaken && !this.#opened) this.#open()
    return messages.flatMap(message => {
      const command = commandOf(message)
      return command ? this.#obey(command) : []
    })
  }

  takeOutput(): Uint8Array[] {
    return this.#connection.takeOutput()
  }

  /** Queues one tag; only after the `publishing` event. */
  sendTag(tag: FlvTag): void {
    if (this.#publishing) this.#connection.send(messageOfTag(tag, this.#streamId))
  }

  /** Says a proper goodbye; the caller closes the socket after sending it. */
  unpublish(): void {
    if (!this.#publishing) return
    this.#publishing = false
    this.#connection.sendCommand(0, 'FCUnpublish', 0, null, this.#target.streamKey)
    this.#connection.sendCommand(0, 'deleteStream', 0, null, this.#streamId)
  }

  #open(): void {
    this.#opened = true
    this.#connection.sendChunkSize()
    const { app, url } = this.#target
    this.#connection.sendCommand(0, 'connect', TRANSACTION.connect, {
      app,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0',
      tcUrl: url,
    })
  }

  #obey(command: RtmpCommand): RtmpClientEvent[] {
    if (command.name === '_error') return [refusedBy(command)]
    if (command.name === '_result' && command.transaction === TRANSACTION.connect) {
      this.#connection.sendCommand(0, 'releaseStream', TRANSACTION.release, null, this.#target.streamKey)
      this.#connection.sendCommand(0, 'createStream', TRANSACTION.createStream, null)
    }
    if (command.name === '_result' && command.transaction === TRANSACTION.createStream) {
      const [, streamId] = command.values
      this.#streamId = typeof streamId === 'number' ? streamId : 1
      this.#connection.sendCommand(this.#streamId, 'publish', TRANSACTION.publish, null, this.#target.streamKey, 'live')
    }
    if (command.name !== 'onStatus') return []
    const status = statusOf(command.values)
    if (status.level === 'error') return [refusedBy(command)]
    if (status.code !== 'NetStream.Publish.Start') return []
    this.#publishing = true
    return [{ kind: 'publishing' }]
  }
}

function refusedBy(command: RtmpCommand): RtmpClientEvent {
  const { code, description } = statusOf(command.values)
  return { kind: 'refused', code, sentence: description }
}

function statusOf(values: readonly Amf0Value[]): { level: string; code: string; description: string } {
  const [, info] = values
  const member = (name: string): string => {
    const value = typeof info === 'object' && info !== null && !Array.isArray(info) ? info[name] : undefined
    return typeof value === 'string' ? value : ''
  }
  return { level: member('level'), code: member('code'), description: member('description') }
}
