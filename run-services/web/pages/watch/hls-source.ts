// oxlint-disable-next-line import/no-named-as-default -- the class is typed as the default export alone
import Hls, { ErrorTypes, Events } from 'hls.js'
import type { ErrorData, HlsConfig, LevelDetails } from 'hls.js'
import { airRange, airTimeAt, mediaTimeAt, positionAfterCut } from './media-timeline.ts'
import { guardStalls } from './stall-guard.ts'
import type { Playhead } from './stall-guard.ts'
import type { TimedFragment } from './media-timeline.ts'
import type { PlaybackSource, Quality, SourceOptions } from './playback-source.ts'

/** Waits between attempts to load a playlist that is not there (yet), in ms. */
const RETRY_MS = 1_500
/** Attempts before a source counts as failed: about a minute, as long as a reconnect window. */
const RETRIES_MAX = 40
/** A second media error within this long means the first recovery did not help, in ms. */
const RECOVERY_MS = 5_000
const MEMORY_S = 30
/** Kept from the start of a playlist that drops its oldest segments, and of one that has not begun to; in s. */
const SLIDING_MARGIN_S = 6
const UNSLID_MARGIN_S = 0.5

const LIVE_CONFIG: Partial<HlsConfig> = {
  maxLiveSyncPlaybackRate: 1.2,
  liveSyncOnStallIncrease: 0,
  backBufferLength: MEMORY_S,
  enableWorker: false,
  autoStartLoad: true,
  capLevelToPlayerSize: true,
  // A quality a person chose is theirs; one lost segment does not take it away.
  preserveManualLevelOnError: true,
}

/** Whether this browser plays through Media Source Extensions; asked before native HLS, which may only say "maybe". */
export function hlsSupported(): boolean {
  // oxlint-disable-next-line import/no-named-as-default-member -- the types have it on the class alone
  return Hls.isSupported()
}

/** Plays a playlist through hls.js with our low-latency settings. */
export function openHls(video: HTMLVideoElement, options: SourceOptions): PlaybackSource {
  const hls = new Hls({
    ...LIVE_CONFIG,
    lowLatencyMode: options.lowLatency,
    ...(options.preview === true ? { startLevel: 0, maxBufferLength: 6, backBufferLength: 0 } : {}),
  })
  let details: LevelDetails | undefined
  let startAtMs = options.startAtMs
  const fragments = (): readonly TimedFragment[] => details?.fragments ?? []

  hls.on(Events.LEVEL_UPDATED, (_, data) => {
    const joining = details === undefined
    details = data.details
    if (startAtMs === undefined) {
      if (joining) joinAfterCut(hls, data.details)
      return
    }
    const wished = mediaTimeAt(fragments(), startAtMs) ?? fragments()[0]?.start
    const position = wished === undefined ? undefined : Math.max(wished, earliest(data.details))
    startAtMs = undefined
    if (position === undefined) return
    // The first playlist tells where the wished moment lies; loading begins again from there before anything is shown.
    hls.startLoad(position)
    if (video.readyState > 0) video.currentTime = position
  })
  const forgetErrors = recoverErrors(hls, options)
  const forgetStalls = guardStalls(
    () => (options.lowLatency && details !== undefined ? playheadOf(video, details) : undefined),
    () => reloadAtEdge(video, hls),
  )
  hls.attachMedia(video)
  hls.loadSource(options.url)

  return {
    playingAtMs: () => hls.playingDate?.getTime() ?? airTimeAt(fragments(), video.currentTime),
    airTimeAfter: playMs => {
      const first = fragments()[0]
      const mediaTime = video.currentTime + playMs / 1000
      return first === undefined || mediaTime < first.start ? undefined : airTimeAt(fragments(), mediaTime)
    },
    range: () => rangeOf(details),
    seekTo(atMs) {
      if (details === undefined) {
        startAtMs = atMs
        return true
      }
      const position = mediaTimeAt(fragments(), atMs)
      if (position === undefined) return false
      video.currentTime = Math.max(position, earliest(details))
      return true
    },
    seekToEdge: () => seekToEdge(video, hls),
    qualities: () => qualitiesOf(hls),
    chosen: () => (hls.autoLevelEnabled ? -1 : hls.loadLevel),
    current: () => hls.currentLevel,
    choose(index) {
      hls.nextLevel = index
    },
    stats: () => ({
      engine: 'hls.js',
      rung: rungOf(hls),
      bandwidthKbps: Number.isFinite(hls.bandwidthEstimate) ? Math.round(hls.bandwidthEstimate / 1000) : undefined,
      targetLatencyMs: hls.targetLatency === null ? undefined : hls.targetLatency * 1000,
      droppedFrames: video.getVideoPlaybackQuality().droppedVideoFrames,
    }),
    close() {
      forgetErrors()
      forgetStalls()
      hls.destroy()
    },
  }
}

function seekToEdge(video: HTMLVideoElement, hls: Hls): void {
  if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition
}

/** With nothing loaded a seek moves nothing: both loaders may wait for each other at a cut. */
function reloadAtEdge(video: HTMLVideoElement, hls: Hls): void {
  if (video.buffered.length === 0) hls.startLoad(hls.liveSyncPosition ?? -1)
  seekToEdge(video, hls)
}

function joinAfterCut(hls: Hls, details: LevelDetails): void {
  const position = details.live ? positionAfterCut(details, hls.liveSyncPosition) : undefined
  if (position !== undefined) hls.startLoad(position)
}

function playheadOf(video: HTMLVideoElement, details: LevelDetails): Playhead {
  const { buffered } = video
  return {
    paused: video.paused,
    ready: video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA,
    loadedToS: buffered.length === 0 ? 0 : buffered.end(buffered.length - 1),
    edgeS: details.partEnd,
  }
}

/** The first media time worth going to: what a sliding playlist drops next would throw the viewer back to live. */
function earliest(details: LevelDetails): number {
  if (!details.live) return details.fragmentStart
  const margin = details.startSN === 0 ? UNSLID_MARGIN_S : SLIDING_MARGIN_S
  return Math.min(details.fragmentStart + margin, details.edge)
}

function rangeOf(details: LevelDetails | undefined): { fromMs: number; toMs: number } | undefined {
  if (details === undefined) return undefined
  const range = airRange(details.fragments)
  const parts = details.partEnd - details.fragmentEnd
  return range === undefined ? undefined : { fromMs: range.fromMs, toMs: range.toMs + Math.max(0, parts) * 1000 }
}

function qualitiesOf(hls: Hls): Quality[] {
  return hls.levels
    .map((level, index) => ({ index, height: level.height, kbps: Math.round(level.bitrate / 1000) }))
    .sort((a, b) => b.height - a.height || b.kbps - a.kbps)
}

function rungOf(hls: Hls): string {
  const level = hls.levels[hls.currentLevel]
  return level === undefined ? '–' : `${level.width}×${level.height} · ${Math.round(level.bitrate / 1000)} kbit/s`
}

/** Keeps trying what a live show may still mend: a playlist not there yet, a lost connection, a decoder that tripped. */
function recoverErrors(hls: Hls, options: SourceOptions): () => void {
  let retries = 0
  let recoveredAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  hls.on(Events.FRAG_BUFFERED, () => {
    retries = 0
  })
  hls.on(Events.ERROR, (_, data: ErrorData) => {
    if (!data.fatal) return
    const now = performance.now()
    if (data.type === ErrorTypes.MEDIA_ERROR && now - recoveredAt > RECOVERY_MS) {
      recoveredAt = now
      hls.recoverMediaError()
      return
    }
    retries += 1
    if (retries > RETRIES_MAX) {
      options.onFailed()
      return
    }
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (hls.levels.length === 0) hls.loadSource(options.url)
      else hls.startLoad(-1)
    }, RETRY_MS)
  })
  return () => clearTimeout(timer)
}
