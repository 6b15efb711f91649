import { type MovieTrack, writeMovie } from '../isobmff/write-movie.ts'
import type { MediaSample } from '../isobmff/chunk-samples.ts'
import type { TrackHeader } from '../isobmff/track-header.ts'
import { silentFrame } from './silent-frame.ts'
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

/** A sample with the time (s) at which the clip decodes it, and shows it; negative before the first frame shown. */
type Placed = { sample: MediaSample; atS: number; shownS: number; bytes: Uint8Array }
/** What of a run is shown: from the first to behind the last sample that is needed, and their media times (s). */
type Span = {
  run: CutRun
  first: number
  end: number
  frames: number
  startS: number
  endS: number
  lengthS: number
  offsetS: number
}

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
  const lengthS = last.offsetS + last.lengthS
  const video = movieTrack(placeVideo(spans), first.run.video, lengthS)
  const sound = placeAudio(spans)
  const audioSource = spans.find(({ run }) => run.audio !== undefined)?.run.audio
  const audio = audioSource === undefined || sound.length === 0 ? [] : [movieTrack(sound, audioSource, lengthS)]
  return {
    pieces: writeMovie([video, ...audio]),
    startMs: first.run.zeroAtMs + first.startS * 1000,
    endMs: last.run.zeroAtMs + last.endS * 1000,
    durationMs: lengthS * 1000,
    frames: spans.reduce((sum, { frames }) => sum + frames, 0),
  }
}

/** What of each run is shown. Pictures may be shown in another order than they are decoded, between key frames alone. */
function spansOf(runs: readonly CutRun[], { startMs, endMs }: { startMs: number; endMs: number }): Span[] {
  const spans: Span[] = []
  let offsetS = 0
  for (const run of runs) {
    const { samples, header } = run.video
    const fromS = (startMs - run.zeroAtMs) / 1000 - TOLERANCE_S
    const toS = (endMs - run.zeroAtMs) / 1000 - TOLERANCE_S
    const key = samples.findIndex(({ sync }) => sync)
    const times = samples.map((sample, index) => ({ index, at: shownTime(sample) }))
    const shown = times.filter(({ index, at }) => {
      const atS = at / header.timescale
      return key >= 0 && index >= key && atS >= fromS && atS < toS
    })
    const [first] = shown
    const last = shown.at(-1)
    if (first === undefined || last === undefined) continue
    const start = shown.reduce((least, { at }) => Math.min(least, at), first.at)
    const latest = shown.reduce((most, each) => (each.at > most.at ? each : most), last)
    // What is decoded for others but begins behind the range must not be seen of it.
    const lasts = latest.at + (samples[latest.index]?.duration ?? 0)
    const end = times.reduce((least, { at }) => (at > latest.at ? Math.min(least, at) : least), lasts)
    const lengthS = (end - start) / header.timescale
    spans.push({
      run,
      first: first.index,
      end: last.index + 1,
      frames: shown.length,
      startS: start / header.timescale,
      endS: end / header.timescale,
      lengthS,
      offsetS,
    })
    offsetS += lengthS
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
      shownS: offsetS + shownTime(sample) / header.timescale - startS,
      bytes: changed && place === 0 ? withParameterSets(sample.bytes, sampleEntry) : sample.bytes,
    }))
  })
}

/** Sound of all spans, each frame within half a frame of the distance it had from its picture. */
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
      const atS = offsetS + timeS - startS
      placed.push({ sample, atS, shownS: atS, bytes: sample.bytes })
    }
    // A frame that would be heard across the join belongs to nobody.
    const joinS = offsetS + endS - startS
    while ((placed.at(-1)?.atS ?? 0) > joinS - frameS / 2 && placed.length > 1) placed.pop()
  }
  const source = spans.find(({ run }) => run.audio !== undefined)?.run.audio
  return source === undefined ? [] : seamless(placed, source)
}

/**
 * Frames that follow each other without a gap from the beginning of the clip on, as decoders take them whatever times they
 * are told: silence where one would be more than half a frame early, none where it would be as late.
 */
function seamless(placed: readonly Placed[], { header, samples }: CutSource): Placed[] {
  const [first] = placed
  const frameS = (samples[0]?.duration ?? 0) / header.timescale
  if (first === undefined || frameS === 0) return []
  const frames: Placed[] = []
  const beginS = first.atS - Math.max(0, Math.ceil(first.atS / frameS)) * frameS
  const next = (): number => beginS + frames.length * frameS
  for (const frame of placed) {
    while (frame.atS - next() > frameS / 2) {
      const bytes = silentFrame(header, frames.at(-1)?.bytes ?? frame.bytes)
      const { duration } = frame.sample
      frames.push({ sample: { time: 0, duration, sync: true, bytes }, atS: next(), shownS: next(), bytes })
    }
    if (next() - frame.atS <= frameS / 2) frames.push({ ...frame, atS: next(), shownS: next() })
  }
  return frames
}

/** Times become durations: each sample lasts until the next is decoded, the last as long as it did. */
function movieTrack(placed: readonly Placed[], { header, sampleEntry }: CutSource, lengthS: number): MovieTrack {
  const { kind, timescale, width, height } = header
  const firstS = placed[0]?.atS ?? 0
  const ticksOf = (seconds: number): number => Math.round(seconds * timescale)
  const decoded = rising(placed.map(({ atS }) => ticksOf(atS - firstS)))
  let wholeTicks = 0
  const samples = placed.map(({ sample, shownS, bytes }, index) => {
    const at = decoded[index] ?? 0
    const duration = index === placed.length - 1 ? sample.duration : (decoded[index + 1] ?? 0) - at
    const composition = Math.max(0, ticksOf(shownS - firstS) - at)
    wholeTicks = Math.max(wholeTicks, at + composition + duration)
    return { bytes, sync: sample.sync, duration, composition }
  })
  const startTicks = ticksOf(Math.max(0, -firstS))
  const durationTicks = Math.min(ticksOf(lengthS), wholeTicks - startTicks)
  return { kind, timescale, sampleEntry, width, height, samples, edit: { startTicks, durationTicks } }
}

/** Runs whose pictures wait differently long between decoding and showing meet without going back in time. */
function rising(ticks: readonly number[]): number[] {
  let before = -1
  return ticks.map(each => (before = Math.max(each, before + 1)))
}

/** When a sample is shown, in ticks of its track. */
export function shownTime({ time, composition = 0 }: MediaSample): number {
  return time + composition
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
