import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { RtmpClientSession } from '#shared/media/rtmp/rtmp-client-session.ts'
import { parseRtmpUrl } from '#shared/media/rtmp/rtmp-url.ts'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import type { MarkedMedia } from './marked-media.ts'

/** A show of marked media on its way; every frame leaves at its time and the moment is kept. */
export type MarkedPublication = AsyncDisposable & {
  /** Wall clock (ms) when the frame's last byte was handed to the socket; undefined before. */
  sentAtMs(frame: number): number | undefined
  /** Frames sent so far. */
  sent(): number
  /** Resolves when the media is over or `stop` was called; rejects when the server closes early. */
  readonly ended: Promise<void>
  /** Unpublishes and closes. */
  stop(): Promise<void>
}

/** How often tags that are due are sent, in ms: well below a frame at 60 fps. */
const TICK_MS = 2

/** Publishes marked media by copy in real time; resolves when the server takes it. Throws when it refuses. */
export async function publishMarked(media: MarkedMedia, rtmpUrl: string): Promise<MarkedPublication> {
  const target = parseRtmpUrl(rtmpUrl)
  const session = new RtmpClientSession(target, length => randomBytes(length))
  const socket = connect({ host: target.host, port: target.port, noDelay: true })
  const sentAt: number[] = []
  const flush = () => {
    for (const bytes of session.takeOutput()) socket.write(bytes)
  }
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => undefined)

  await new Promise<void>((resolve, reject) => {
    socket.on('data', (bytes: Buffer) => {
      for (const event of session.receive(bytes)) {
        if (event.kind === 'publishing') resolve()
        else reject(new Error(`${event.code}: ${event.sentence}`))
      }
      flush()
    })
    socket.on('error', error => {
      reject(error)
      ended.reject(error)
    })
    socket.once('close', () => {
      const early = new Error('The server closed the connection.')
      reject(early)
      ended.reject(early)
    })
    flush()
  })

  const startedAt = performance.now()
  let next = 0
  const stop = async () => {
    clearInterval(timer)
    ended.resolve()
    if (socket.destroyed) return
    session.unpublish()
    flush()
    await new Promise<void>(resolve => {
      socket.once('close', () => resolve())
      socket.end(() => socket.destroy())
    })
  }
  const timer = setInterval(() => {
    const nowMs = performance.now() - startedAt
    for (;;) {
      const tag = media.tags[next]
      if (tag === undefined) {
        void stop()
        return
      }
      if (tag.timestampMs > nowMs) return
      session.sendTag(tag)
      flush()
      if (tag.kind === 'video' && readVideoTag(tag.body)?.packet === 'frame')
        sentAt[media.frameAt(tag.timestampMs)] = Date.now()
      next += 1
    }
  }, TICK_MS)

  return {
    sentAtMs: frame => sentAt[frame],
    sent: () => sentAt.length,
    ended: ended.promise,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
