import type { MediaFacts } from '#shared/domain/provider-event.ts'
import { snapFrameRate } from './frame-rate.ts'
import type { AudioTrack, LadderPlan, VideoTrack } from './ladder-plan.ts'

const GOP_S = 2
/** Renditions of one show. */
const RUNGS_MAX = 3
/** Share of the machine that live encoders may take together. */
const LIVE_SHARE = 0.8
/** A source this little below a rung still gets it, at its own size. */
const RUNG_TOLERANCE = 0.95
const REFERENCE_FPS = 30
const REFERENCE_ASPECT = 16 / 9
/** Decoding and audio of one stream at 30 fps, in cores. */
const BASE_CORES = 0.04

type Rung = { name: string; side: number; bitrateKbps: number; cores: number }

/** By short side; `cores` is one x264 superfast output at 16:9 and 30 fps, measured. */
const RUNGS: readonly Rung[] = [
  { name: '1080p', side: 1080, bitrateKbps: 4500, cores: 0.66 },
  { name: '720p', side: 720, bitrateKbps: 2800, cores: 0.38 },
  { name: '480p', side: 480, bitrateKbps: 1200, cores: 0.19 },
  { name: '360p', side: 360, bitrateKbps: 700, cores: 0.12 },
]

export type LadderOptions = {
  /** Length of one part; undefined for channels without parts: one fragment a GOP. */
  partMs: number | undefined
  /** Cores of the machine and what other streams take of them. */
  cores: number
  coresInUse: number
  /** Only these rungs, when given; a source below all of them still gets its own size. */
  only?: readonly string[]
  /** Fewer renditions than three: the best ones, and the smallest for bad networks. */
  renditionsMax?: number
}

/**
 * What to encode of a source: rungs by its short side, never above its size, even sides, one constant frame rate, within
 * the machine's budget. At least one rung always remains; those the budget took are `omitted`.
 */
export function planLadder(facts: MediaFacts, options: LadderOptions): LadderPlan {
  const fps = snapFrameRate(facts.video.fps)
  const wanted = wantedTracks(facts, options.only)
  const free = LIVE_SHARE * options.cores - options.coresInUse
  const most = Math.min(RUNGS_MAX, options.renditionsMax ?? RUNGS_MAX)
  const video = withinBudget(wanted, fps, free, most)
  const kept = new Set(video.map(track => track.name))
  const ideal = thinned(wanted.slice(0, RUNGS_MAX), most)
  return {
    fps,
    gopS: GOP_S,
    partFrames: Math.max(1, Math.round(((options.partMs ?? GOP_S * 1000) * fps) / 1000)),
    tracks: facts.audio ? [...video, AUDIO] : video,
    omitted: ideal.map(track => track.name).filter(name => !kept.has(name)),
  }
}

/** Cores a running plan takes; what the machine's budget counts. */
export function coresOfPlan(plan: Pick<LadderPlan, 'fps' | 'tracks'>): number {
  const video = plan.tracks.filter(track => track.kind === 'video')
  return video.reduce((sum, track) => sum + coresOfTrack(track), BASE_CORES) * (plan.fps / REFERENCE_FPS)
}

const AUDIO: AudioTrack = { kind: 'audio', name: 'audio', bitrateKbps: 96, sampleRate: 48_000, channels: 2 }

/** Every rung the source can fill, best first. */
function wantedTracks(facts: MediaFacts, only: readonly string[] | undefined): VideoTrack[] {
  const { width, height } = facts.video
  const side = Math.min(width, height)
  const rungs = RUNGS.filter(rung => side >= rung.side * RUNG_TOLERANCE && (!only || only.includes(rung.name)))
  if (rungs.length > 0) return rungs.map(rung => trackOf(rung, width, height))
  return [ownSize(width, height)]
}

function trackOf(rung: Rung, width: number, height: number): VideoTrack {
  const scale = Math.min(1, rung.side / Math.min(width, height))
  return { kind: 'video', name: rung.name, ...scaled(width, height, scale), bitrateKbps: rung.bitrateKbps }
}

/** A source below every allowed rung: its own size, its bitrate by area. */
function ownSize(width: number, height: number): VideoTrack {
  const size = scaled(width, height, 1)
  const side = Math.min(size.width, size.height)
  const lowest = RUNGS.at(-1)?.bitrateKbps ?? 0
  const area = (size.width * size.height) / (640 * 360)
  const bitrateKbps = Math.max(150, Math.min(RUNGS[0]?.bitrateKbps ?? lowest, Math.round(lowest * area)))
  return { kind: 'video', name: `${side}p`, ...size, bitrateKbps }
}

function scaled(width: number, height: number, scale: number): { width: number; height: number } {
  const even = (side: number): number => Math.max(2, Math.trunc((side * scale) / 2 + 1e-9) * 2)
  return { width: even(width), height: even(height) }
}

/** Three rungs a step further down rather than fewer, then fewer. */
function withinBudget(wanted: readonly VideoTrack[], fps: number, free: number, most: number): VideoTrack[] {
  for (let start = 0; start < wanted.length; start += 1) {
    const tracks = thinned(wanted.slice(start, start + RUNGS_MAX), most)
    if (coresOfPlan({ fps, tracks }) <= free) return tracks
  }
  return wanted.slice(-1)
}

function thinned(tracks: readonly VideoTrack[], most: number): VideoTrack[] {
  if (tracks.length <= most || most < 2) return tracks.slice(0, most)
  return [...tracks.slice(0, most - 1), ...tracks.slice(-1)]
}

function coresOfTrack(track: VideoTrack): number {
  const pixels = track.width * track.height
  const nearest = RUNGS.reduce((best, rung) =>
    Math.abs(areaOf(rung) - pixels) < Math.abs(areaOf(best) - pixels) ? rung : best,
  )
  return nearest.cores * (pixels / areaOf(nearest))
}

function areaOf(rung: Rung): number {
  return rung.side * rung.side * REFERENCE_ASPECT
}
