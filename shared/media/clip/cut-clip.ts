import { type MovieTrack, writeMovie } from '../isobmff/write-movie.ts'
import type { MediaSample } from '../isobmff/chunk-samples.ts'
import type { TrackHeader } from '../isobmff/track-header.ts'
import { withParameterSets } from './with-parameter-sets.ts'

/** One track of one encoder run: its samples may begin and end anywhere around the range. */
export type CutSource = { header: TrackHeader; sampleEntry: Uint8Array; samples: readonly MediaSample[] }

/** One encoder run; `zeroAtMs` is the wall clock (epoch ms) of media time 0. */
export type CutRun = { zeroAtMs: number; video: CutSource; audio: CutSource | undefined }

export type ClipCut = {
  /** A progressive MP4, in order. */
  pieces: Uint8Array[]
  /** Wall clock (epoch ms) of the first frame, and of the end of the last. */
  startMs: number
  endMs: number
  /** Length of what is shown; less than the range where the show had gaps. */
  durationMs: number
  frames: number
}

/** A frame is in the range when it begins in it; wall clocks are whole milliseconds, frames are not. */
const TOLERANCE_S = 0.0006
/** Frames of sound decoded before the first that is heard, so that the decoder has settled. */
const PRIMING_FRAMES = 1

/** A sample with the time (s) it is to have in the clip; negative before the first frame shown. */
type Placed = { sample: MediaSample; atS: number; bytes: Uint8Array }
type Span = { run: CutRun; first: number; end: number; startS: number; endS: number; offsetS: number }

/**
 * Cuts the wall-clock range [`startMs`, `endMs`) out of encoder runs, without decoding: the first frame shown is the first
 * that begins in the range, through an edit list; runs follow each other without a hole, sound stays with its picture.
 *
 * Runs are in time order. `undefined` when no frame begins in the range.
 */
export function cutClip(runs: readonly CutRun[], range: { startMs: number; endMs: number }): ClipCut | undefined {
  const spans = spansOf(runs, range)
  const [first] = spans
  const last = spans.at(-1)
  if (first === undefined || last === undefined) return undefined
  const lengthS = last.offsetS + last.endS - last.startS
  const video = movieTrack(placeVideo(spans), first.run.video, lengthS)
  const sound = placeAudio(spans)
  const audioSource = spans.find(({ run }) => run.audio !== undefined)?.run.audio
  const audio = audioSource === undefined || sound.length === 0 ? [] : [movieTrack(sound, audioSource, lengthS)]
  return {
    pieces: writeMovie([video, ...audio]),
    startMs: first.run.zeroAtMs + first.startS * 1000,
    endMs: last.run.zeroAtMs + last.endS * 1000,
    durationMs: lengthS * 1000,
    frames: spans.reduce((sum, span) => sum + span.end - span.first, 0),
  }
}

/** What of each run is shown: sample numbers and media times. */
function spansOf(runs: readonly CutRun[], { startMs, endMs }: { startMs: number; endMs: number }): Span[] {
  const spans: Span[] = []
  let offsetS = 0
  for (const run of runs) {
    const { samples, header } = run.video
    const times = samples.map(({ time }) => time / header.timescale)
    const fromS = (startMs - run.zeroAtMs) / 1000 - TOLERANCE_S
    const toS = (endMs - run.zeroAtMs) / 1000 - TOLERANCE_S
    const key = samples.findIndex(({ sync }) => sync)
    const first = key < 0 ? -1 : times.findIndex((time, index) => index >= key && time >= fromS)
    const after = times.findIndex(time => time >= toS)
    const end = after < 0 ? samples.length : after
    const lastSample = samples[end - 1]
    if (first < 0 || first >= end || lastSample === undefined) continue
    const startS = times[first] ?? 0
    const endS = (lastSample.time + lastSample.duration) / header.timescale
    spans.push({ run, first, end, startS, endS, offsetS })
    offsetS += endS - startS
  }
  return spans
}

/** Pictures of all spans; the first span begins at the key frame its first picture needs. */
function placeVideo(spans: readonly Span[]): Placed[] {
  let sets: Uint8Array | undefined
  return spans.flatMap(({ run: { video }, first, end, startS, offsetS }, index) => {
    const { samples, header, sampleEntry } = video
    const key = samples.slice(0, first + 1).findLastIndex(({ sync }) => sync)
    const changed = sets !== undefined && !sameBytes(sets, sampleEntry)
    sets = sampleEntry
    // Only the first run can begin between key frames: later ones are shown from their own first picture on.
    return samples.slice(index === 0 ? key : first, end).map((sample, place) => ({
      sample,
      atS: offsetS + sample.time / header.timescale - startS,
      bytes: changed && place === 0 ? withParameterSets(sample.bytes, sampleEntry) : sample.bytes,
    }))
  })
}

/** Sound of all spans, each frame at the distance it had from its picture. */
function placeAudio(spans: readonly Span[]): Placed[] {
  const placed: Placed[] = []
  for (const { run, startS, endS, offsetS } of spans) {
    const { audio } = run
    if (audio === undefined) continue
    const frameS = (audio.samples[0]?.duration ?? 0) / audio.header.timescale
    const before = placed.length === 0 ? (1 + PRIMING_FRAMES) * frameS : frameS / 2
    for (const sample of audio.samples) {
      const timeS = sample.time / audio.header.timescale
      if (timeS <= startS - before || timeS >= endS) continue
      placed.push({ sample, atS: offsetS + timeS - startS, bytes: sample.bytes })
    }
    // A frame that would be heard across the join belongs to nobody.
    const joinS = offsetS + endS - startS
    while ((placed.at(-1)?.atS ?? 0) > joinS - frameS / 2 && placed.length > 1) placed.pop()
  }
  return placed
}

/** Times become durations: each sample lasts until the next begins, the last as long as it did. */
function movieTrack(placed: readonly Placed[], { header, sampleEntry }: CutSource, lengthS: number): MovieTrack {
  const { kind, timescale, width, height } = header
  const originS = Math.min(0, placed[0]?.atS ?? 0)
  const ticks = placed.map(({ atS }) => Math.round((atS - originS) * timescale))
  const samples = placed.map(({ sample, bytes }, index) => ({
    bytes,
    sync: sample.sync,
    duration: index === placed.length - 1 ? sample.duration : (ticks[index + 1] ?? 0) - (ticks[index] ?? 0),
  }))
  const startTicks = Math.round(-originS * timescale)
  const wholeTicks = samples.reduce((sum, { duration }) => sum + duration, 0)
  const durationTicks = Math.min(Math.round(lengthS * timescale), wholeTicks - startTicks)
  return { kind, timescale, sampleEntry, width, height, samples, edit: { startTicks, durationTicks } }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
