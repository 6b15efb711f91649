import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import { RtmpClientSession } from '#shared/media/rtmp/rtmp-client-session.ts'
import { parseRtmpUrl } from '#shared/media/rtmp/rtmp-url.ts'
import { pause } from './pause.ts'

/** From connecting to the server's word on the key, ms. */
const ACCEPT_MS = 10_000
/** How long a server may take to close after our goodbye, ms. */
const GOODBYE_MS = 1_000

export type FrameSent = {
  /** Timestamp of the tag, ms. */
  timestampMs: number
  isKey: boolean
  /** Wall clock (ms) at which its bytes were handed to the socket. */
  sentAtMs: number
}

export type RtmpPublisher = {
  /**
   * Publishes the tags in order, at their own pace when `realTime`, else as fast as the server takes them. Resolves after
   * the last one; rejects when the server hangs up, resolves early on abort.
   */
  play(tags: Iterable<FlvTag>, options: PlayOptions): Promise<void>
  /** Says goodbye and closes; resolves when the socket is closed. */
  close(): Promise<void>
  /** Resolves when the connection is over, with the server's sentence if it gave one. */
  readonly closed: Promise<string | undefined>
}

export type PlayOptions = {
  realTime: boolean
  signal: AbortSignal
  /** Called for every video frame, for those who measure delay. */
  onFrame?: (frame: FrameSent) => void
}

/**
 * Publishes FLV tags over RTMP by copy, without an encoder. Resolves once the server accepted the stream key; rejects
 * with its sentence when it refuses.
 */
export async function rtmpPublisher(options: { url: string; signal?: AbortSignal }): Promise<RtmpPublisher> {
  const line = openLine(options.url)
  const { socket, session } = line
  const abort = (): void => void socket.destroy()
  options.signal?.addEventListener('abort', abort, { once: true })
  void line.closed.then(() => options.signal?.removeEventListener('abort', abort))
  const timer = setTimeout(() => socket.destroy(new Error('The server did not answer.')), ACCEPT_MS)
  try {
    await line.accepted
  } finally {
    clearTimeout(timer)
  }
  return {
    play: (tags, how) => play(line, tags, how),
    close: async () => {
      session.unpublish()
      line.flush()
      socket.end()
      const impatient = setTimeout(() => socket.destroy(), GOODBYE_MS)
      await line.closed
      clearTimeout(impatient)
    },
    closed: line.closed,
  }
}

type Line = {
  socket: Socket
  session: RtmpClientSession
  /** Sends what the session has to say; false when the socket is full. */
  flush: () => boolean
  accepted: Promise<void>
  closed: Promise<string | undefined>
}

function openLine(url: string): Line {
  const target = parseRtmpUrl(url)
  const { host, port, secure } = target
  const socket = secure ? connectSecurely({ host, port, servername: host }) : connect({ host, port, noDelay: true })
  const session = new RtmpClientSession(target, randomBytes)
  const flush = (): boolean => session.takeOutput().reduce((_, bytes) => socket.write(bytes), true)
  let sentence: string | undefined
  const closed = new Promise<string | undefined>(resolve => socket.once('close', () => resolve(sentence)))
  const accepted = new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error(sentence ?? 'The server hung up.')))
    socket.once(secure ? 'secureConnect' : 'connect', flush)
    socket.on('data', bytes => {
      try {
        for (const event of session.receive(bytes)) {
          if (event.kind === 'publishing') resolve()
          else sentence = event.sentence || event.code
        }
        flush()
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)))
      }
      if (sentence !== undefined) socket.end()
    })
  })
  socket.on('error', error => {
    sentence ??= error.message
  })
  return { socket, session, flush, accepted, closed }
}

async function play(line: Line, tags: Iterable<FlvTag>, options: PlayOptions): Promise<void> {
  const { socket, session } = line
  const startedAt = performance.now()
  let firstMs: number | undefined
  for (const tag of tags) {
    firstMs ??= tag.timestampMs
    const dueMs = tag.timestampMs - firstMs - (performance.now() - startedAt)
    if (options.realTime && dueMs > 0) await pause(dueMs, options.signal)
    if (options.signal.aborted) return
    if (socket.destroyed || socket.writableEnded) throw new Error('The server hung up.')
    session.sendTag(tag)
    const free = line.flush()
    const video = tag.kind === 'video' ? readVideoTag(tag.body) : undefined
    if (video?.packet === 'frame') {
      options.onFrame?.({ timestampMs: tag.timestampMs, isKey: video.isKey, sentAtMs: Date.now() })
    }
    if (!free) await drained(socket, options.signal)
  }
}

function drained(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      socket.off('drain', done).off('close', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    socket.once('drain', done).once('close', done)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted || socket.destroyed) done()
  })
}
