import { ascii, box, fullBox, u16, u32, uint } from './box-bytes.ts'
import { concatBytes } from './box-splitter.ts'
import type { MediaSample } from './chunk-samples.ts'
import { sampleTable } from './sample-table.ts'

/** A track of a movie that is whole: its samples stand one after the other from time 0. */
export type MovieTrack = {
  kind: 'video' | 'audio'
  timescale: number
  /** The box inside `stsd`, as the initialization segment has it. */
  sampleEntry: Uint8Array
  width: number
  height: number
  samples: readonly Omit<MediaSample, 'time'>[]
  /** Where the presentation begins, in ticks from the first sample, and how long it is; the edit list (8.6.6). */
  edit: { startTicks: number; durationTicks: number }
}

/** Ticks a second of the movie itself; every usual frame rate is whole in it. */
const MOVIE_TIMESCALE = 90_000
/** Length of what is written of one track before the other's turn, in s. */
const INTERLEAVE_S = 1
const IDENTITY = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000]
const ENABLED_IN_MOVIE = 0x3
/** "und", three letters of five bits. */
const UNDETERMINED = 0x55c4

/** A run of samples of one track that lie together in the file. */
export type MovieChunk = { track: number; first: number; count: number; bytes: number }

/**
 * Writes a progressive MP4 (ISO/IEC 14496-12) whose header comes first, so that it plays while it arrives: `ftyp`, `moov`,
 * `mdat`. Pieces are views of the samples wherever they are not headers: concatenate or send them in order.
 */
export function writeMovie(tracks: readonly MovieTrack[]): Uint8Array[] {
  const chunks = interleave(tracks)
  const fileType = box('ftyp', ascii('isom'), u32(0x200), ascii('isomiso2avc1mp41'))
  const header = (mediaAt: number): Uint8Array => movieBox(tracks, chunks, mediaAt)
  const mediaAt = fileType.length + header(0).length + 8
  const media = chunks.flatMap(({ track, first, count }) =>
    (tracks[track]?.samples ?? []).slice(first, first + count).map(({ bytes }) => bytes),
  )
  const mediaBytes = chunks.reduce((sum, { bytes }) => sum + bytes, 0)
  return [fileType, header(mediaAt), concatBytes([u32(mediaBytes + 8), ascii('mdat')]), ...media]
}

/** Cuts each track into chunks of about a second and orders them by time. */
function interleave(tracks: readonly MovieTrack[]): MovieChunk[] {
  const timed = tracks.flatMap((track, index) => {
    const chunks: (MovieChunk & { atS: number })[] = []
    let open: (MovieChunk & { atS: number }) | undefined
    let ticks = 0
    for (const [first, { duration, bytes }] of track.samples.entries()) {
      const atS = ticks / track.timescale
      if (open === undefined || atS - open.atS >= INTERLEAVE_S) {
        open = { track: index, first, count: 0, bytes: 0, atS }
        chunks.push(open)
      }
      open.count += 1
      open.bytes += bytes.length
      ticks += duration
    }
    return chunks
  })
  return timed.sort((a, b) => a.atS - b.atS || a.track - b.track)
}

function movieBox(tracks: readonly MovieTrack[], chunks: readonly MovieChunk[], mediaAt: number): Uint8Array {
  const durations = tracks.map(({ edit, timescale }) => inMovieTicks(edit.durationTicks, timescale))
  const times = [u32(0), u32(0), u32(MOVIE_TIMESCALE), u32(Math.max(0, ...durations))]
  const rest = [u32(0x1_0000), u16(0x100), new Uint8Array(10), ...IDENTITY.map(u32), new Uint8Array(24)]
  return box(
    'moov',
    fullBox('mvhd', 0, 0, ...times, ...rest, u32(tracks.length + 1)),
    ...tracks.map((track, index) => trackBox(track, index, chunkTable(chunks, index, mediaAt))),
  )
}

/** The chunks of one track with their places in the file. */
function chunkTable(chunks: readonly MovieChunk[], track: number, mediaAt: number) {
  let at = mediaAt
  return chunks.flatMap(chunk => {
    const place = { count: chunk.count, at }
    at += chunk.bytes
    return chunk.track === track ? [place] : []
  })
}

function trackBox(track: MovieTrack, index: number, chunks: readonly { count: number; at: number }[]): Uint8Array {
  const { kind, timescale, edit, width, height } = track
  const shown = inMovieTicks(edit.durationTicks, timescale)
  const ids = [u32(0), u32(0), u32(index + 1), u32(0), u32(shown), new Uint8Array(8)]
  const volume = u16(kind === 'audio' ? 0x100 : 0)
  const matrix = [u16(0), u16(0), volume, u16(0), ...IDENTITY.map(u32)]
  return box(
    'trak',
    fullBox('tkhd', 0, ENABLED_IN_MOVIE, ...ids, ...matrix, u32(width * 0x1_0000), u32(height * 0x1_0000)),
    box('edts', fullBox('elst', 0, 0, u32(1), u32(shown), u32(edit.startTicks), u32(0x1_0000))),
    mediaBox(track, chunks),
  )
}

function mediaBox(track: MovieTrack, chunks: readonly { count: number; at: number }[]): Uint8Array {
  const { kind, timescale, samples, sampleEntry } = track
  const ticks = samples.reduce((sum, { duration }) => sum + duration, 0)
  const [handler, name] = kind === 'video' ? ['vide', 'Picture'] : ['soun', 'Sound']
  const media = kind === 'video' ? fullBox('vmhd', 0, 1, new Uint8Array(8)) : fullBox('smhd', 0, 0, u32(0))
  return box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0), u32(0), u32(timescale), u32(ticks), u16(UNDETERMINED), u16(0)),
    fullBox('hdlr', 0, 0, u32(0), ascii(handler ?? ''), new Uint8Array(12), ascii(name ?? ''), uint(1, 0)),
    box(
      'minf',
      media,
      box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
      box('stbl', fullBox('stsd', 0, 0, u32(1), sampleEntry), ...sampleTable(kind, samples, chunks)),
    ),
  )
}

function inMovieTicks(ticks: number, timescale: number): number {
  return Math.round((ticks * MOVIE_TIMESCALE) / timescale)
}
