import { concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { type CmafChunk, CmafReader } from '#shared/media/isobmff/cmaf-reader.ts'
import type { TrackHeader } from '#shared/media/isobmff/track-header.ts'

type TrackInit = { kind: 'init'; bytes: Uint8Array; track: TrackHeader }
/** Everything of a track from one instant of the segments' grid to the next. */
type TrackSegment = { kind: 'segment'; index: number; durationS: number; bytes: Uint8Array }

/** The pictures that sound goes with. */
export type PictureTimes = { segments: number; endS: number }

/** What rounding to ticks may put before a boundary, in s. */
const ROUNDING_S = 0.002

/**
 * Cuts the fragmented MP4 of one track into its initialization and segments of `segmentS`: pictures where a fragment begins
 * at or after the boundary, sound where the middle of one passes it. Sound gets as many segments as its pictures.
 * Throws `IsobmffError` for bytes that are none, and an `Error` for a segment without anything in it.
 */
export async function* cutTrack(
  file: AsyncIterable<Uint8Array>,
  segmentS: number,
  pictures?: PictureTimes,
): AsyncGenerator<TrackInit | TrackSegment> {
  const reader = new CmafReader()
  let timescale = 1
  let open: { index: number; chunks: CmafChunk[] } | undefined
  const close = ({ index, chunks }: NonNullable<typeof open>): TrackSegment => ({
    kind: 'segment',
    index,
    durationS: chunks.reduce((sum, { duration }) => sum + duration, 0) / timescale,
    bytes: concatBytes(chunks.map(({ bytes }) => bytes)),
  })
  for await (const bytes of file) {
    for (const piece of reader.push(bytes)) {
      if (piece.kind === 'init') {
        timescale = piece.track.timescale
        yield piece
        continue
      }
      const startS = piece.time / timescale
      const index = pictures === undefined ? pictureIndex(startS, segmentS) : soundIndex(piece, timescale, segmentS)
      const at = Math.min(index, (pictures?.segments ?? Infinity) - 1)
      if (pictures !== undefined && startS >= pictures.endS && open?.index === at) continue
      if (open?.index !== at) {
        if (at !== (open?.index ?? -1) + 1) throw new Error(`The encoder made nothing of segment ${at - 1}.`)
        if (!piece.sync) throw new Error(`The encoder began segment ${at} without a key frame.`)
        if (open !== undefined) yield close(open)
        open = { index: at, chunks: [] }
      }
      open.chunks.push(piece)
    }
  }
  if (open !== undefined) yield close(open)
}

function pictureIndex(startS: number, segmentS: number): number {
  return Math.floor((startS + ROUNDING_S) / segmentS)
}

function soundIndex({ time, duration }: CmafChunk, timescale: number, segmentS: number): number {
  return Math.floor((time + duration / 2) / timescale / segmentS)
}
