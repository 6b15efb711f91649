import type { MediaSample } from '../isobmff/chunk-samples.ts'
import { type CutRun, type CutSource, shownTime } from './cut-clip.ts'

/** A segment, or what there is of one, with its tracks. */
export type RunPiece = {
  /** Wall clock (epoch ms) of its first picture. */
  atMs: number
  video: CutSource
  audio: CutSource | undefined
}

/** Media times of one encoder run that are further apart than this have something missing between them, in s. */
const HOLE_S = 0.1

/**
 * Pieces in order as the runs they can be cut from: one goes on as long as `isSameRun` says so and media times do, and a new
 * one begins after every hole. Each run's wall clock is that of its first piece.
 */
export function joinRuns<Piece extends RunPiece>(
  pieces: readonly Piece[],
  isSameRun: (before: Piece, piece: Piece) => boolean,
): CutRun[] {
  const joined: Piece[][] = []
  for (const piece of pieces.filter(({ video }) => video.samples.length > 0)) {
    const run = joined.at(-1)
    const before = run?.at(-1)
    if (run !== undefined && before !== undefined && isSameRun(before, piece) && !hasHole(before.video, piece.video)) {
      run.push(piece)
    } else {
      joined.push([piece])
    }
  }
  return joined.map(runOf)
}

function runOf(pieces: readonly RunPiece[]): CutRun {
  const [first] = pieces
  if (first === undefined) throw new RangeError('A run has at least one piece.')
  const { samples, header } = first.video
  const shownFirst = samples.reduce((least, sample) => Math.min(least, shownTime(sample)), Infinity)
  const heard = pieces.flatMap(({ audio }) => (audio === undefined ? [] : [audio]))
  const [sound] = heard
  return {
    zeroAtMs: first.atMs - (shownFirst / header.timescale) * 1000,
    video: { ...first.video, samples: continuous(pieces.map(({ video }) => video.samples)) },
    audio: sound === undefined ? undefined : { ...sound, samples: heard.flatMap(track => track.samples) },
  }
}

/** The last picture of a piece lasts until the next piece begins. */
function continuous(pieces: readonly (readonly MediaSample[])[]): MediaSample[] {
  return pieces.flatMap((samples, index) => {
    const next = pieces[index + 1]?.[0]
    const last = samples.at(-1)
    if (next === undefined || last === undefined) return samples
    return [...samples.slice(0, -1), { ...last, duration: next.time - last.time }]
  })
}

function hasHole(before: CutSource, next: CutSource): boolean {
  const last = before.samples.at(-1)
  const first = next.samples[0]
  if (last === undefined || first === undefined) return false
  return Math.abs(first.time - last.time - last.duration) / before.header.timescale > HOLE_S
}
