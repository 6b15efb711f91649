import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Clip, Stream } from '../api/api-routes.ts'
import { isOver } from '../watch/is-over.ts'
import type { PlaybackSource } from '../watch/playback-source.ts'
import type { Span } from './time-window.ts'

/** Less than a frame: an end that was reached. */
const END_SLACK_MS = 20

/** What the editor's picture can do; moments are ms from the show's start. */
export type RangePlayer = {
  atMs: number
  paused: boolean
  toggle: () => void
  /** Shows the picture of a moment. */
  show: (atMs: number) => void
}

type Opened = Pick<PlaybackSource, 'close' | 'playingAtMs'> & { seekTo: (atMs: number) => void }

/**
 * Plays a range of a show again and again, from its recording, so that both ends can be moved outward; without a recording
 * to go back in, from the clip's own file.
 */
export function useRangePlayer(
  video: RefObject<HTMLVideoElement | null>,
  clip: Clip,
  stream: Stream | undefined,
  range: Span,
): RangePlayer {
  const source = useRef<Opened | undefined>(undefined)
  const wished = useRef<number | undefined>(undefined)
  const latest = useRef(range)
  latest.current = range
  const [atMs, setAtMs] = useState(range.from)
  const [paused, setPaused] = useState(true)
  const url = recordingOf(stream)
  const fileUrl = clip.playback?.mp4_url
  const startedMs = stream?.started_at == null ? 0 : Date.parse(stream.started_at)

  useEffect(() => {
    const element = video.current
    if (element === null) return undefined
    let left = false
    const open = async (): Promise<void> => {
      const opened =
        url === undefined
          ? openFile(element, fileUrl, clip.start_ms)
          : await openRecording(element, url, startedMs, latest.current.from)
      if (left) opened.close()
      else source.current = opened
    }
    void open()
    return () => {
      left = true
      source.current?.close()
      source.current = undefined
    }
  }, [url, url === undefined ? fileUrl : undefined])

  useEveryFrame(video, element => {
    setPaused(element.paused)
    const playing = source.current?.playingAtMs()
    if (playing === undefined || element.seeking) return
    wished.current = undefined
    const { from, to } = latest.current
    if (!element.paused && playing >= to - END_SLACK_MS) source.current?.seekTo(from)
    setAtMs(playing)
  })

  const show = useCallback((wish: number): void => {
    wished.current = wish
    setAtMs(wish)
    video.current?.pause()
    source.current?.seekTo(wish)
  }, [])
  const toggle = useCallback((): void => {
    const element = video.current
    if (element === null) return
    if (!element.paused) {
      element.pause()
      return
    }
    const playing = source.current?.playingAtMs()
    const { from, to } = latest.current
    if (playing === undefined || playing < from - END_SLACK_MS || playing >= to - END_SLACK_MS) {
      source.current?.seekTo(from)
    }
    void element.play().catch(() => undefined)
  }, [])
  return { atMs: wished.current ?? atMs, paused, toggle, show }
}

function useEveryFrame(video: RefObject<HTMLVideoElement | null>, draw: (element: HTMLVideoElement) => void): void {
  useEffect(() => {
    let frame = 0
    const run = (): void => {
      frame = requestAnimationFrame(run)
      if (video.current !== null) draw(video.current)
    }
    frame = requestAnimationFrame(run)
    return () => cancelAnimationFrame(frame)
  }, [])
}

function recordingOf(stream: Stream | undefined): string | undefined {
  if (stream?.started_at == null) return undefined
  return isOver(stream) ? stream.playback.hls_url : stream.playback.dvr_url
}

async function openRecording(video: HTMLVideoElement, url: string, startedMs: number, fromMs: number): Promise<Opened> {
  const { openSource } = await import('../watch/open-source.ts')
  const opened = openSource(video, {
    url,
    startAtMs: startedMs + fromMs,
    lowLatency: false,
    onFailed: () => undefined,
  })
  return {
    close: () => opened.close(),
    playingAtMs() {
      const at = opened.playingAtMs()
      return at === undefined ? undefined : at - startedMs
    },
    seekTo: atMs => void opened.seekTo(startedMs + atMs),
  }
}

function openFile(video: HTMLVideoElement, url: string | undefined, startMs: number): Opened {
  if (url !== undefined) video.src = url
  return {
    close() {
      video.removeAttribute('src')
      video.load()
    },
    playingAtMs: () => (video.readyState === 0 ? undefined : startMs + video.currentTime * 1000),
    seekTo(atMs) {
      video.currentTime = Math.max(0, (atMs - startMs) / 1000)
    },
  }
}
