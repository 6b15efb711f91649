import { serverNow } from '../api/server-time.ts'
import type { PlaybackSource, Quality, SourceStats } from './playback-source.ts'

/** Further behind than this and one and a half times what the player aims at, it is no longer called live; in ms. */
const LIVE_SLACK_MS = 5_000
const TARGET_SHARE = 1.5
/** What a player that does not tell its aim is taken to aim at, in ms. */
const TARGET_MS = 4_500
/** A buffered range may begin this much after the picture and still be what plays, in s. */
const BUFFER_SLACK_S = 0.1

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

/** What a player looks like now. `wished` is where it was sent and has not arrived yet. */
export function playerView(
  video: HTMLVideoElement,
  source: PlaybackSource,
  state: { mode: ShowMode; wished: number | undefined; failed: boolean },
): PlayerView {
  const { mode, wished, failed } = state
  const playingAtMs = wished ?? source.playingAtMs()
  const range = source.range()
  const behindMs = playingAtMs === undefined || mode === 'archive' ? undefined : Math.max(0, serverNow() - playingAtMs)
  return {
    mode,
    atLiveEdge: mode === 'live' && behindMs !== undefined && behindMs < liveUntil(source),
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
    failed,
    stats: source.stats(),
  }
}

function liveUntil(source: PlaybackSource): number {
  return LIVE_SLACK_MS + TARGET_SHARE * (source.stats().targetLatencyMs ?? TARGET_MS)
}

function bufferedAhead(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime + BUFFER_SLACK_S && buffered.end(index) > currentTime) {
      return (buffered.end(index) - currentTime) * 1000
    }
  }
  return 0
}
