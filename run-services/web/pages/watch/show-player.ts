import { serverNow } from '../api/server-time.ts'
import { openSource } from './open-source.ts'
import type { PlaybackSource, Quality, SourceStats } from './playback-source.ts'

/** Closer to the edge than this, a seek means "live", in ms. */
const LIVE_SNAP_MS = 4_000
/** Further behind than this, what plays is no longer called live, in ms. */
const LIVE_BEHIND_MS_MAX = 12_000

export type ShowMode = 'live' | 'dvr' | 'archive'

/** All that the controls draw; read a few times a second. Times are epoch ms on the show's own clock. */
export type PlayerView = {
  mode: ShowMode
  atLiveEdge: boolean
  playingAtMs: number | undefined
  behindMs: number | undefined
  rangeFromMs: number | undefined
  rangeToMs: number | undefined
  paused: boolean
  ended: boolean
  /** Playing was asked for and no picture moves. */
  waiting: boolean
  muted: boolean
  volume: number
  qualities: Quality[]
  chosen: number
  current: number
  bufferedMs: number
  failed: boolean
  stats: SourceStats | undefined
}

export type ShowUrls = { live?: string; dvr?: string | undefined; archive?: string }

export interface ShowPlayer {
  view(): PlayerView
  play(): void
  pause(): void
  /** Goes to a moment of the show; near the edge it goes live, before the live window it switches to the recording. */
  seekTo(atMs: number): void
  goLive(): void
  setMuted(muted: boolean): void
  setVolume(volume: number): void
  choose(index: number): void
  /** Moves to the finished recording once the show has ended: to the given moment, or where it was playing. */
  becomeArchive(url: string, atMs?: number): void
  close(): void
}

/**
 * One viewer's way through one show: live at the edge, back through the recording while it runs, and the archive after.
 * A still of the last picture covers each change of playlist, so nothing flashes.
 */
export function showPlayer(video: HTMLVideoElement, still: HTMLCanvasElement, urls: ShowUrls): ShowPlayer {
  let { live, dvr, archive } = urls
  let mode: ShowMode = live === undefined ? 'archive' : 'live'
  let failed = false
  let closed = false
  let wished: number | undefined
  const open = (url: string, startAtMs: number | undefined): PlaybackSource => {
    failed = false
    return openSource(video, { url, startAtMs, onFailed: () => (failed = true) })
  }
  let source = open(live ?? archive ?? '', undefined)

  const showStill = (): void => {
    if (video.videoWidth === 0) return
    still.width = video.videoWidth
    still.height = video.videoHeight
    still.getContext('2d')?.drawImage(video, 0, 0)
    still.hidden = false
  }
  const hideStill = (): void => {
    still.hidden = true
    wished = undefined
  }
  const change = (next: ShowMode, url: string, startAtMs: number | undefined): void => {
    showStill()
    wished = startAtMs
    const chosen = source.chosen()
    source.close()
    mode = next
    source = open(url, startAtMs)
    if (chosen >= 0) video.addEventListener('loadeddata', () => source.choose(chosen), { once: true })
    start(video)
  }
  const goLive = (): void => {
    if (live === undefined) return
    if (mode === 'live') {
      source.seekToEdge()
      start(video)
    } else change('live', live, undefined)
  }
  const onPlaying = (): void => hideStill()
  video.addEventListener('playing', onPlaying)
  video.addEventListener('seeked', onPlaying)
  start(video)

  return {
    view: () => ({ ...viewOf(video, source, mode, wished), failed }),
    play: () => {
      // A live picture that was paused for long has left the window: continue where it stopped, from the recording.
      const at = source.playingAtMs()
      const from = source.range()?.fromMs
      if (mode === 'live' && dvr !== undefined && at !== undefined && from !== undefined && at < from) change('dvr', dvr, at)
      else start(video)
    },
    pause: () => video.pause(),
    seekTo(atMs) {
      if (mode !== 'archive' && atMs > serverNow() - LIVE_SNAP_MS) return goLive()
      if (source.seekTo(atMs)) return undefined
      if (mode === 'live' && dvr !== undefined) return change('dvr', dvr, atMs)
      const range = source.range()
      if (range === undefined) return undefined
      if (atMs >= range.toMs && mode === 'dvr') return goLive()
      source.seekTo(Math.max(range.fromMs, Math.min(atMs, range.toMs - 1)))
      return undefined
    },
    goLive,
    setMuted: muted => {
      video.muted = muted
      if (!muted && video.volume === 0) video.volume = 0.5
    },
    setVolume: volume => {
      video.volume = Math.min(1, Math.max(0, volume))
      video.muted = volume <= 0
    },
    choose: index => source.choose(index),
    becomeArchive(url, atMs = source.playingAtMs()) {
      if (closed || mode === 'archive') return
      live = undefined
      dvr = undefined
      archive = url
      change('archive', url, atMs)
    },
    close() {
      closed = true
      video.removeEventListener('playing', onPlaying)
      video.removeEventListener('seeked', onPlaying)
      source.close()
    },
  }
}

/** Plays, with sound where the browser allows it, else muted: the viewer can turn it on. */
function start(video: HTMLVideoElement): void {
  video.play().catch((error: unknown) => {
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
    video.muted = true
    video.play().catch(() => undefined)
  })
}

function viewOf(
  video: HTMLVideoElement,
  source: PlaybackSource,
  mode: ShowMode,
  wished: number | undefined,
): Omit<PlayerView, 'failed'> {
  const playingAtMs = wished ?? source.playingAtMs()
  const range = source.range()
  const behindMs = playingAtMs === undefined || mode === 'archive' ? undefined : Math.max(0, serverNow() - playingAtMs)
  return {
    mode,
    atLiveEdge: mode === 'live' && behindMs !== undefined && behindMs < LIVE_BEHIND_MS_MAX,
    playingAtMs,
    behindMs,
    rangeFromMs: range?.fromMs,
    rangeToMs: range?.toMs,
    paused: video.paused,
    ended: video.ended,
    waiting: !video.paused && !video.ended && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
    muted: video.muted,
    volume: video.volume,
    qualities: source.qualities(),
    chosen: source.chosen(),
    current: source.current(),
    bufferedMs: bufferedAhead(video),
    stats: source.stats(),
  }
}

function bufferedAhead(video: HTMLVideoElement): number {
  for (let index = 0; index < video.buffered.length; index += 1) {
    if (video.buffered.start(index) <= video.currentTime + 0.1 && video.buffered.end(index) > video.currentTime) {
      return (video.buffered.end(index) - video.currentTime) * 1000
    }
  }
  return 0
}
