import { posix } from 'node:path'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { StoredRendition } from '#shared/domain/provider-event.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { ShowMoment, ShowPiece, TransportPiece } from './show-piece.ts'
import { segmentsInRange, type SourceSegment } from './source-queries.ts'
import type { TrackInits } from './track-inits.ts'

/** Longest segment there is: one that began so long before the range may reach into it, in ms. */
const SEGMENT_MS_MAX = 15_000
/** Segments of one clip: two minutes of the shortest there are. */
const SEGMENTS_MAX = 500
/** Picture and sound in one file. */
const TRANSPORT = /\.ts$/u
/** A rendition is named by the height of its picture and its frames a second, as `720p30`. */
const RENDITION = /^(?<height>\d+)p(?<fps>\d*)/u

/** Stored segments of the wall-clock range (epoch ms), with their best picture and their sound. */
export async function storedMoments(
  reader: Reader,
  inits: TrackInits,
  streamId: string,
  range: { startMs: number; endMs: number },
): Promise<ShowMoment[]> {
  const rows = await storedSegments(reader, streamId, range)
  return Promise.all(rows.map(row => momentOf(inits, row)))
}

/** Rows of the stored segments that reach into the wall-clock range (epoch ms), in order. */
export async function storedSegments(
  reader: Reader,
  streamId: string,
  range: { startMs: number; endMs: number },
): Promise<SourceSegment[]> {
  const from = rfc3339(range.startMs - SEGMENT_MS_MAX)
  const rows = await reader.read(segmentsInRange(streamId, from, rfc3339(range.endMs), SEGMENTS_MAX))
  return rows.filter(({ pdt, duration_ms: length }) => Date.parse(pdt) + length > range.startMs)
}

async function momentOf(inits: TrackInits, row: SourceSegment): Promise<ShowMoment> {
  const atMs = Date.parse(row.pdt)
  const place = { seq: row.seq, epoch: row.epoch, atMs, durationMs: row.duration_ms }
  if (row.renditions.every(({ uri }) => TRANSPORT.test(uri))) {
    return { ...place, video: [], audio: [], transport: bestFirst(row.renditions) }
  }
  const tracks = await Promise.all(
    row.renditions.map(async ({ uri, sha256 }) => {
      const key = posix.join(posix.dirname(uri), `init-${row.epoch}.mp4`)
      const piece: ShowPiece = {
        path: belowShow(uri),
        init: belowShow(key),
        atMs,
        durationMs: row.duration_ms,
        from: { place: 'store', sha256 },
      }
      return { piece, header: (await inits.stored(key))?.header }
    }),
  )
  const pictures = tracks.filter(({ header }) => header?.kind === 'video')
  const best = pictures.sort((a, b) => (b.header?.height ?? 0) - (a.header?.height ?? 0))[0]
  const sound = tracks.find(({ header }) => header?.kind === 'audio')
  return {
    ...place,
    video: best === undefined ? [] : [best.piece],
    audio: sound === undefined ? [] : [sound.piece],
  }
}

/** The highest picture first, of equal ones the fastest, then what has most bytes. */
function bestFirst(renditions: readonly StoredRendition[]): TransportPiece[] {
  const worth = ({ name, bytes }: StoredRendition): number[] => {
    const { height, fps } = RENDITION.exec(name)?.groups ?? {}
    return [Number(height ?? 0), Number(fps ?? 0), bytes]
  }
  return renditions
    .map(rendition => ({ rendition, worth: worth(rendition) }))
    .sort((a, b) => b.worth.map((part, index) => part - (a.worth[index] ?? 0)).find(part => part !== 0) ?? 0)
    .map(({ rendition: { uri, bytes } }) => ({ key: uri, bytes }))
}

/** An object key without `play/<show>/`. */
function belowShow(key: string): string {
  return key.split('/').slice(2).join('/')
}
