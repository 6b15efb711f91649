import { serverNow } from '../api/server-time.ts'
import { openSource } from './open-source.ts'
import { playerView } from './player-view.ts'
import { stillCover } from './still-cover.ts'
import type { PlaybackSource } from './playback-source.ts'
import type { PlayerView, ShowMode } from './player-view.ts'

/** Closer to the edge than this, a seek means "live", in ms. */
const LIVE_SNAP_MS = 4_000
const ARRIVALS = ['playing', 'seeked'] as const
const UNMUTED_VOLUME = 0.5

export type ShowUrls = { live?: string; dvr?: string | undefined; archive?: string }

/** A stretch of the show's own clock, in epoch ms. */
export type AirSpan = { fromMs: number; toMs: number }

export interface ShowPlayer {
  view(): PlayerView
  play(): void
  pause(): void
  /** Goes to a moment of the show; near the edge it goes live, before the live window it switches to the recording. */
  seekTo(atMs: number): void
  /** Goes so many ms of playing time on or back; the time while a creator was away does not count. */
  step(byMs: number): void
  /** The so many ms of playing time that end with the picture, in epoch ms; undefined before there is one. */
  lastSeen(spanMs: number): AirSpan | undefined
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
  const cover = stillCover(video, still)
  let { live, dvr } = urls
  let mode: ShowMode = live === undefined ? 'archive' : 'live'
  let failed = false
  let wished: number | undefined
  const open = (url: string, startAtMs: number | undefined): PlaybackSource =>
    openSource(video, { url, startAtMs, lowLatency: mode === 'live', onFailed: () => (failed = true) })
  let source = open(live ?? urls.archive ?? '', undefined)

  const change = (next: ShowMode, url: string, startAtMs: number | undefined): void => {
    cover.show()
    wished = startAtMs
    const chosen = source.chosen()
    source.close()
    mode = next
    failed = false
    source = open(url, startAtMs)
    if (chosen >= 0) video.addEventListener('loadeddata', () => source.choose(chosen), { once: true })
    start(video)
  }
  const goLive = (): void => {
    if (live === undefined) return
    if (mode !== 'live') return change('live', live, undefined)
    source.seekToEdge()
    start(video)
  }
  const seekTo = (atMs: number): void => {
    if (mode !== 'archive' && atMs > serverNow() - LIVE_SNAP_MS) return goLive()
    const range = source.range()
    const before = range === undefined || atMs < range.fromMs
    if (mode === 'live' && dvr !== undefined && before) return change('dvr', dvr, atMs)
    if (mode === 'dvr' && range !== undefined && atMs >= range.toMs) return goLive()
    wished = atMs
    if (source.seekTo(atMs) || range === undefined) return
    wished = Math.max(range.fromMs, Math.min(atMs, range.toMs - 1))
    source.seekTo(wished)
  }
  const forget = onArrival(video, () => {
    cover.hide()
    wished = undefined
  })
  start(video)

  return {
    ...elementControls(video),
    view: () => playerView(video, source, { mode, wished, failed }),
    play() {
      // A live picture that was paused for long has left the window: continue where it stopped, from the recording.
      const at = placeLeftBehind(source)
      if (mode === 'live' && at !== undefined && dvr !== undefined) change('dvr', dvr, at)
      else start(video)
    },
    seekTo,
    step(byMs) {
      const at = wished === undefined ? stepFrom(source, byMs) : wished + byMs
      if (at !== undefined) seekTo(at)
    },
    lastSeen: spanMs => seenUntil(source, wished, spanMs),
    goLive,
    choose: index => source.choose(index),
    becomeArchive(url, atMs = source.playingAtMs()) {
      if (mode === 'archive') return
      live = undefined
      dvr = undefined
      change('archive', url, atMs)
    },
    close() {
      forget()
      source.close()
    },
  }
}

/** Calls when a wished moment is on screen; gives the function that stops it. */
function onArrival(video: HTMLVideoElement, arrived: () => void): () => void {
  for (const event of ARRIVALS) video.addEventListener(event, arrived)
  return () => {
    for (const event of ARRIVALS) video.removeEventListener(event, arrived)
  }
}

/** When what lies a step from the picture was on air; before the playlist, by the clock. */
function stepFrom(source: PlaybackSource, byMs: number): number | undefined {
  const playing = source.playingAtMs()
  return source.airTimeAfter(byMs) ?? (playing === undefined ? undefined : playing + byMs)
}

/** The playing time that ends with the picture; a moment that was wished for has none yet and counts by the clock. */
function seenUntil(source: PlaybackSource, wished: number | undefined, spanMs: number): AirSpan | undefined {
  const toMs = wished ?? source.playingAtMs()
  const fromMs = wished === undefined ? stepFrom(source, -spanMs) : wished - spanMs
  return toMs === undefined || fromMs === undefined || fromMs >= toMs ? undefined : { fromMs, toMs }
}

/** Where the picture stands when its playlist has moved on past it. */
function placeLeftBehind(source: PlaybackSource): number | undefined {
  const at = source.playingAtMs()
  const from = source.range()?.fromMs
  return at !== undefined && from !== undefined && at < from ? at : undefined
}

function elementControls(video: HTMLVideoElement): Pick<ShowPlayer, 'pause' | 'setMuted' | 'setVolume'> {
  return {
    pause: () => video.pause(),
    setMuted(muted) {
      video.muted = muted
      if (!muted && video.volume === 0) video.volume = UNMUTED_VOLUME
    },
    setVolume(volume) {
      video.volume = Math.min(1, Math.max(0, volume))
      video.muted = volume <= 0
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
