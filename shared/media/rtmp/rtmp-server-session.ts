import type { RandomBytes } from '#shared/domain/id.ts'
import type { FlvTag } from '../flv/flv-tag.ts'
import { readVideoTag } from '../flv/video-tag.ts'
import type { Amf0Value } from './amf0.ts'
import { tagsOfMessage } from './media-message.ts'
import { commandOf, RtmpConnection, type RtmpCommand } from './rtmp-connection.ts'
import { RtmpError } from './rtmp-error.ts'
import { USER_CONTROL, userControlMessage, type RtmpMessage } from './rtmp-message.ts'

/** The application part of the URL, `rtmp://host/live/<stream key>`. */
const RTMP_APP = 'live'
/** Commands before the first media; publishers send about six. */
const COMMANDS_MAX = 64
/** Messages that wait while the key is decided on: what one socket read can hold. */
const WAITING_MAX = 4096
const MEDIA_STREAM = 1
const ENHANCED_AUDIO = 9

export type RtmpServerEvent =
  | { kind: 'publish'; streamKey: string }
  | { kind: 'tag'; tag: FlvTag }
  | { kind: 'unpublish' }

/**
 * The server side of one publishing connection (Adobe RTMP 1.0, 7.2) as a state machine without a socket.
 *
 * After a `publish` event nothing is read until `accept` or `refuse` was called, so no media passes before the key is
 * decided on. Faults are `RtmpError`, fault `unsupported` for enhanced RTMP.
 */
export class RtmpServerSession {
  readonly #connection: RtmpConnection
  #state: 'commands' | 'deciding' | 'publishing' | 'over' = 'commands'
  #waiting: RtmpMessage[] = []
  #connected = false
  #commands = 0

  constructor(random: RandomBytes) {
    this.#connection = new RtmpConnection('server', random)
  }

  get shaken(): boolean {
    return this.#connection.shaken
  }

  receive(bytes: Uint8Array): RtmpServerEvent[] {
    this.#waiting.push(...this.#connection.receive(bytes))
    if (this.#waiting.length > WAITING_MAX) throw new RtmpError('message', 'Media came before the key was accepted.')
    return this.#proceed()
  }

  takeOutput(): Uint8Array[] {
    return this.#connection.takeOutput()
  }

  /** The key is good: media may come. Gives what arrived meanwhile. */
  accept(): RtmpServerEvent[] {
    this.#state = 'publishing'
    this.#connection.send(userControlMessage(USER_CONTROL.streamBegin, MEDIA_STREAM))
    this.#status('status', 'NetStream.Publish.Start', 'Publishing.')
    return this.#proceed()
  }

  /** The publisher is turned away or dropped; the sentence is what its log shows. The caller closes the socket. */
  refuse(
    sentence: string,
    code: 'NetStream.Publish.BadName' | 'NetStream.Publish.Failed' = 'NetStream.Publish.BadName',
  ): void {
    this.#state = 'over'
    this.#waiting = []
    this.#status('error', code, sentence)
  }

  #proceed(): RtmpServerEvent[] {
    const events: RtmpServerEvent[] = []
    for (;;) {
      if (this.#state === 'deciding' || this.#state === 'over') return events
      const message = this.#waiting.shift()
      if (!message) return events
      const command = commandOf(message)
      if (command) events.push(...this.#obey(command))
      else if (this.#state === 'publishing') events.push(...mediaOf(message))
    }
  }

  #obey(command: RtmpCommand): RtmpServerEvent[] {
    this.#commands += 1
    if (this.#commands > COMMANDS_MAX) throw new RtmpError('command', 'Too many commands.')
    switch (command.name) {
      case 'connect':
        this.#connect(command)
        return []
      case 'createStream':
        this.#connection.sendCommand(0, '_result', command.transaction, null, MEDIA_STREAM)
        return []
      case 'publish':
        return this.#publish(command)
      case 'deleteStream':
      case 'closeStream':
      case 'FCUnpublish':
        if (this.#state !== 'publishing') return []
        this.#state = 'over'
        return [{ kind: 'unpublish' }]
      case 'play':
        throw new RtmpError('command', 'This port takes shows; watch them over HLS or DASH.')
      default:
        // releaseStream, FCPublish, _checkbw and what encoders invent: none needs an answer to publish.
        return []
    }
  }

  #connect(command: RtmpCommand): void {
    const [target] = command.values
    const app = isObject(target) && typeof target['app'] === 'string' ? appName(target['app']) : ''
    this.#connection.sendLimits()
    if (app !== RTMP_APP) {
      const sentence = `Publish to rtmp://<host>/${RTMP_APP}/<stream key>.`
      const info = { level: 'error', code: 'NetConnection.Connect.Rejected', description: sentence }
      this.#connection.sendCommand(0, '_error', command.transaction, null, info)
      throw new RtmpError('command', sentence)
    }
    this.#connected = true
    const info = {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connection succeeded.',
      objectEncoding: 0,
    }
    const properties = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 }
    this.#connection.sendCommand(0, '_result', command.transaction, properties, info)
  }

  #publish(command: RtmpCommand): RtmpServerEvent[] {
    if (!this.#connected) throw new RtmpError('command', 'publish came before connect.')
    if (this.#state !== 'commands') throw new RtmpError('command', 'This connection publishes already.')
    const [, name] = command.values
    const streamKey = typeof name === 'string' ? (name.split('?')[0] ?? '') : ''
    this.#state = 'deciding'
    return [{ kind: 'publish', streamKey }]
  }

  #status(level: 'status' | 'error', code: string, description: string): void {
    this.#connection.sendCommand(MEDIA_STREAM, 'onStatus', 0, null, { level, code, description })
  }
}

function mediaOf(message: RtmpMessage): RtmpServerEvent[] {
  return tagsOfMessage(message).map(tag => {
    refuseEnhanced(tag)
    return { kind: 'tag', tag }
  })
}

function refuseEnhanced(tag: FlvTag): void {
  const first = tag.body[0] ?? 0
  const video = tag.kind === 'video' ? readVideoTag(tag.body) : undefined
  if (!video?.enhanced && !(tag.kind === 'audio' && first >>> 4 === ENHANCED_AUDIO)) return
  const named = video ? ` (${video.codec})` : ''
  throw new RtmpError('unsupported', `Enhanced RTMP${named} is not supported; set the encoder to H.264 and AAC.`)
}

function appName(app: string): string {
  return (app.split('?')[0] ?? '').replaceAll(/^\/+|\/+$/g, '')
}

function isObject(value: Amf0Value): value is { [name: string]: Amf0Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
