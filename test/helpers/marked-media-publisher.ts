import { type FrameSent, rtmpPublisher } from '#shared/service/rtmp-publisher.ts'
import type { MarkedMedia } from './marked-media.ts'

/** A show of marked media on its way; every frame leaves at its time and the moment is kept. */
export type MarkedPublication = AsyncDisposable & {
  /** Wall clock (ms) when the frame's last byte was handed to the socket; undefined before. */
  sentAtMs(frame: number): number | undefined
  /** Frames sent so far. */
  sent(): number
  /** Resolves when the media is over or `stop` was called; rejects when the server hangs up. */
  readonly ended: Promise<void>
  /** Unpublishes and closes. */
  stop(): Promise<void>
}

/** Publishes marked media by copy in real time; resolves when the server takes it. Throws when it refuses. */
export async function publishMarked(media: MarkedMedia, url: string): Promise<MarkedPublication> {
  const publisher = await rtmpPublisher({ url })
  const stopped = new AbortController()
  const sentAt: number[] = []
  const onFrame = ({ timestampMs, sentAtMs }: FrameSent) => {
    sentAt[media.frameAt(timestampMs)] = sentAtMs
  }
  const playAndClose = async () => {
    try {
      await publisher.play(media.tags, { realTime: true, signal: stopped.signal, onFrame })
    } finally {
      await publisher.close()
    }
  }
  const ended = playAndClose()
  // Whoever cares awaits it; nobody else is to die of it.
  ended.catch(() => undefined)
  const stop = async () => {
    stopped.abort()
    await ended.catch(() => undefined)
  }
  return {
    sentAtMs: frame => sentAt[frame],
    sent: () => sentAt.length,
    ended,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
