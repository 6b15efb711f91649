import { createHash } from 'node:crypto'
import type { CutRun, CutSource } from '#shared/media/clip/cut-clip.ts'
import { joinRuns, type RunPiece } from '#shared/media/clip/join-runs.ts'
import { type MediaSample, readSamples } from '#shared/media/isobmff/chunk-samples.ts'
import { IsobmffError } from '#shared/media/isobmff/isobmff-error.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { readObject } from './read-object.ts'
import { readOrigin } from './read-origin.ts'
import { readTransport } from './read-transport.ts'
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

/** A moment that was read; the samples of one encoder can follow each other. */
type ReadMoment = RunPiece & { encoder: string }

/**
 * The samples of the moments, as the runs they can be cut from: one for each encoder run, and a new one after every hole.
 * A piece that is missing, damaged or not what its digest says is left out.
 */
export async function gatherRuns(places: MediaPlaces, moments: readonly ShowMoment[]): Promise<CutRun[]> {
  const recorded = moments.some(({ transport }) => transport !== undefined)
  const read = recorded
    ? await readTransport(places.store, moments, places.signal)
    : await Promise.all(moments.map(moment => readFragments(places, moment)))
  const pieces = read.filter(piece => piece !== undefined)
  return joinRuns<ReadMoment>(pieces, (before, { encoder }) => before.encoder === encoder)
}

async function readFragments(places: MediaPlaces, { atMs, video, audio }: ShowMoment): Promise<ReadMoment | undefined> {
  const picture = await readTrack(places, video)
  const sound = await readTrack(places, audio)
  return picture && { atMs, encoder: video[0]?.init ?? '', video: picture, audio: sound }
}

async function readTrack(places: MediaPlaces, pieces: readonly ShowPiece[]): Promise<CutSource | undefined> {
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
