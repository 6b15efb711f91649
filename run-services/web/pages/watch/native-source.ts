import type { PlaybackSource, SourceOptions } from './playback-source.ts'

type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date }

const SECOND_MS = 1000

/** Plays a playlist with the browser's own HLS, where Media Source Extensions are missing (iPhones). */
export function openNative(video: DatedVideo, options: SourceOptions): PlaybackSource {
  const startDate = (): number | undefined => {
    const at = video.getStartDate?.().getTime()
    return at === undefined || Number.isNaN(at) ? undefined : at
  }
  const seekable = (): { from: number; to: number } | undefined => {
    const count = video.seekable.length
    return count === 0 ? undefined : { from: video.seekable.start(0), to: video.seekable.end(count - 1) }
  }
  const seekTo = (atMs: number): boolean => {
    const start = startDate()
    const window = seekable()
    if (start === undefined || window === undefined) return false
    const position = (atMs - start) / SECOND_MS
    if (position < window.from || position > window.to) return false
    video.currentTime = position
    return true
  }
  const onLoaded = (): void => {
    if (options.startAtMs !== undefined) seekTo(options.startAtMs)
  }
  video.addEventListener('loadedmetadata', onLoaded)
  video.addEventListener('error', options.onFailed)
  video.src = options.url
  return {
    playingAtMs: () => {
      const start = startDate()
      return start === undefined ? undefined : start + video.currentTime * SECOND_MS
    },
    airTimeAfter: playMs => {
      const start = startDate()
      return start === undefined ? undefined : start + video.currentTime * SECOND_MS + playMs
    },
    range: () => {
      const start = startDate()
      const window = seekable()
      if (start === undefined || window === undefined) return undefined
      return { fromMs: start + window.from * SECOND_MS, toMs: start + window.to * SECOND_MS }
    },
    seekTo,
    seekToEdge: () => {
      const window = seekable()
      if (window !== undefined) video.currentTime = window.to
    },
    qualities: () => [],
    chosen: () => -1,
    current: () => -1,
    choose: () => undefined,
    stats: () => ({
      engine: 'native',
      rung: `${video.videoWidth}×${video.videoHeight}`,
      bandwidthKbps: undefined,
      targetLatencyMs: undefined,
      droppedFrames: 0,
    }),
    close() {
      video.removeEventListener('loadedmetadata', onLoaded)
      video.removeEventListener('error', options.onFailed)
      video.removeAttribute('src')
      video.load()
    },
  }
}
