import { createHash } from 'node:crypto'
import type { CutRun } from '#shared/media/clip/cut-clip.ts'
import { type MediaSample, readSamples } from '#shared/media/isobmff/chunk-samples.ts'
import { IsobmffError } from '#shared/media/isobmff/isobmff-error.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { readObject } from './read-object.ts'
import { readOrigin } from './read-origin.ts'
import type { ShowMoment, ShowPiece } from './show-piece.ts'
import { readTrackInit, type TrackInit, type TrackInits } from './track-inits.ts'

export type MediaPlaces = {
  store: ObjectStore
  inits: TrackInits
  originUrl: URL
  /** The show's playback id. */
  showId: string
  signal: AbortSignal
}

const PIECE_BYTES_MAX = 50 * 1024 * 1024
/** Media times of one encoder run that are further apart than this have something missing between them, in s. */
const HOLE_S = 0.1

type Track = TrackInit & { samples: MediaSample[] }
/** A run that is being put together. */
type Growing = { zeroAtMs: number; video: Track; audio: Track | undefined }

/**
 * The samples of the moments, as the runs they can be cut from: one for each encoder run, and a new one after every hole.
 * A piece that is missing, damaged or not what its digest says is left out.
 */
export async function gatherRuns(places: MediaPlaces, moments: readonly ShowMoment[]): Promise<CutRun[]> {
  const read = await Promise.all(
    moments.map(async moment => ({
      moment,
      video: await readTrack(places, moment.video),
      audio: await readTrack(places, moment.audio),
    })),
  )
  const runs: Growing[] = []
  let current: { init: string; run: Growing } | undefined
  for (const { moment, video, audio } of read) {
    const init = moment.video[0]?.init ?? ''
    if (video === undefined || video.samples.length === 0) continue
    if (current === undefined || current.init !== init || hasHole(current.run.video, video)) {
      current = { init, run: beginRun(moment.atMs, video, audio) }
      runs.push(current.run)
    } else {
      append(current.run, video, audio)
    }
  }
  return runs
}

function beginRun(atMs: number, video: Track, audio: Track | undefined): Growing {
  const first = video.samples[0]?.time ?? 0
  return { zeroAtMs: atMs - (first / video.header.timescale) * 1000, video, audio }
}

function append(run: Growing, video: Track, audio: Track | undefined): void {
  run.video.samples.push(...video.samples)
  if (run.audio === undefined) run.audio = audio
  else run.audio.samples.push(...(audio?.samples ?? []))
}

function hasHole(before: Track, next: Track): boolean {
  const last = before.samples.at(-1)
  const first = next.samples[0]
  if (last === undefined || first === undefined) return false
  return Math.abs(first.time - last.time - last.duration) / before.header.timescale > HOLE_S
}

async function readTrack(places: MediaPlaces, pieces: readonly ShowPiece[]): Promise<Track | undefined> {
  const [first] = pieces
  if (first === undefined) return undefined
  const [init, ...bytes] = await Promise.all([initOf(places, first), ...pieces.map(piece => bytesOf(places, piece))])
  if (init === undefined) return undefined
  const samples: MediaSample[] = []
  for (const each of bytes) {
    const found = each === undefined ? undefined : samplesOf(each, init)
    // What comes after a missing part cannot be shown without it.
    if (found === undefined) break
    samples.push(...found)
  }
  return { ...init, samples }
}

function samplesOf(bytes: Uint8Array, { header }: TrackInit): MediaSample[] | undefined {
  try {
    return readSamples(bytes, header)
  } catch (error) {
    if (error instanceof IsobmffError) return undefined
    throw error
  }
}

async function initOf(places: MediaPlaces, { init, from }: ShowPiece): Promise<TrackInit | undefined> {
  const stored = await places.inits.stored(`play/${places.showId}/${init}`)
  if (stored !== undefined || from.place === 'store') return stored
  const bytes = await readOrigin(liveUrl(places, init), places.signal)
  return bytes && readTrackInit(bytes)
}

async function bytesOf(places: MediaPlaces, { path, from }: ShowPiece): Promise<Uint8Array | undefined> {
  if (from.place === 'origin') return readOrigin(liveUrl(places, path), places.signal)
  const bytes = await readObject(places.store, `play/${places.showId}/${path}`, PIECE_BYTES_MAX, places.signal)
  if (bytes === undefined || from.sha256 === undefined) return bytes
  return createHash('sha256').update(bytes).digest('hex') === from.sha256 ? bytes : undefined
}

function liveUrl({ originUrl, showId }: MediaPlaces, path: string): URL {
  return new URL(`live/${showId}/${path}`, originUrl)
}
