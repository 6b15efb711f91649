import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Stream } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import type { PlaybackSource } from '../watch/playback-source.ts'

const TICK_MS = 500

export type ProgramFigures = {
  elapsedMs: number
  /** How far viewers are behind, measured in this very preview. */
  behindMs: number | undefined
  /** Seconds until a lost encoder ends the show. */
  leftS: number
}

/** Plays the running show in a video element and measures it. */
export function useProgram(
  stream: Stream | undefined,
  video: RefObject<HTMLVideoElement | null>,
): ProgramFigures | undefined {
  const source = useRef<PlaybackSource | undefined>(undefined)
  const [figures, setFigures] = useState<ProgramFigures>()
  useEffect(() => {
    const element = video.current
    if (stream === undefined || element === null) return undefined
    let left = false
    void import('../watch/open-source.ts').then(({ openSource }) => {
      if (left) return undefined
      const { hls_url: url } = stream.playback
      source.current = openSource(element, { url, startAtMs: undefined, lowLatency: true, onFailed: () => undefined })
      return element.play().catch(() => undefined)
    })
    return () => {
      left = true
      source.current?.close()
      source.current = undefined
    }
  }, [stream?.id])
  useEffect(() => {
    if (stream === undefined) {
      setFigures(undefined)
      return undefined
    }
    const tick = (): void => {
      const now = serverNow()
      const end = stream.reconnect_until === null ? now : Date.parse(stream.reconnect_until)
      const playingAt = source.current?.playingAtMs()
      setFigures({
        elapsedMs: stream.started_at === null ? 0 : now - Date.parse(stream.started_at),
        behindMs: playingAt === undefined ? undefined : Math.max(0, now - playingAt),
        leftS: Math.max(0, Math.ceil((end - now) / 1000)),
      })
    }
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }, [stream])
  return figures
}
