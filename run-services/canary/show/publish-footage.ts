import { rtmpPublisher } from '#shared/service/rtmp-publisher.ts'
import type { MarkedFootage } from './marked-footage.ts'

/** Footage on its way in real time. */
export type FootagePublication = AsyncDisposable & {
  /** From connecting to the door's word on the key, in ms, and when that word came. */
  ingestMs: number
  acceptedMs: number
  /** When a frame's last byte was handed to the socket, in ms since the epoch; undefined before. */
  sentAtMs(frame: number): number | undefined
  /** Rejects when the door hangs up before the end. */
  readonly ended: Promise<void>
}

/** Publishes footage by copy; resolves when the door took the key, throws with its sentence when it did not. */
export async function publishFootage(
  footage: MarkedFootage,
  url: string,
  now: () => number,
): Promise<FootagePublication> {
  const connectMs = now()
  const publisher = await rtmpPublisher({ url })
  const acceptedMs = now()
  const stopped = new AbortController()
  const sentAt: number[] = []
  const play = async () => {
    try {
      await publisher.play(footage.tags, {
        realTime: true,
        signal: stopped.signal,
        onFrame: ({ timestampMs, sentAtMs }) => {
          sentAt[footage.frameAt(timestampMs)] = sentAtMs
        },
      })
    } finally {
      await publisher.close()
    }
  }
  const ended = play()
  // Whoever cares awaits it; nobody else is to die of it.
  ended.catch(() => undefined)
  return {
    ingestMs: acceptedMs - connectMs,
    acceptedMs,
    sentAtMs: frame => sentAt[frame],
    ended,
    async [Symbol.asyncDispose]() {
      stopped.abort()
      await ended.catch(() => undefined)
    },
  }
}
