import type { ShowMedia } from './show-reader.ts'
import type { ShowWindow } from './show-window.ts'
import type { TrackSegment } from './track-segment.ts'

const SEGMENT_FILE = /^(\d{1,12})(?:\.(\d{1,6}))?\.m4s$/u
const INIT_FILE = /^init-\d{1,12}\.mp4$/u

export type MediaRequest = {
  folder: string
  track: string
  file: string
  /** Set while that track is being made in that folder: the segment after its newest. */
  coming: { nextSeq: number } | undefined
  recorded: boolean
}

/** Finds a segment, a part or an initialization segment of a show. */
export function showMedia(window: ShowWindow, request: MediaRequest): ShowMedia {
  const { coming } = request
  const elsewhere: ShowMedia = { kind: request.recorded ? 'stored' : 'missing' }
  if (INIT_FILE.test(request.file)) return elsewhere
  const [, seqText, partText] = SEGMENT_FILE.exec(request.file) ?? []
  if (seqText === undefined) return { kind: 'missing' }
  const seq = Number(seqText)
  const part = partText === undefined ? undefined : Number(partText)
  const segment = window.at(seq)
  const inFolder = segment?.epoch.folder === request.folder
  const media = inFolder ? segment?.tracks.get(request.track) : undefined
  if (media !== undefined) return part === undefined ? wholeSegment(media, elsewhere) : onePart(media, part)
  if (coming !== undefined && seq === coming.nextSeq && segment?.finished !== true) {
    return part === undefined || part === 0 ? { kind: 'awaited' } : { kind: 'missing' }
  }
  if (part === undefined && window.at(seq - 1)?.epoch.folder === request.folder) return { kind: 'empty' }
  if (part !== undefined || seq >= (coming?.nextSeq ?? Infinity) || (segment?.finished === true && inFolder))
    return { kind: 'missing' }
  return elsewhere
}

function wholeSegment(media: TrackSegment, elsewhere: ShowMedia): ShowMedia {
  if (media.parts === undefined) return elsewhere
  if (media.complete) return { kind: 'bytes', pieces: media.parts.map(({ bytes }) => bytes) }
  return { kind: 'open', media: { parts: media.parts, complete: () => media.complete } }
}

function onePart(media: TrackSegment, index: number): ShowMedia {
  const part = media.parts?.[index]
  if (part !== undefined) return { kind: 'bytes', pieces: [part.bytes] }
  return !media.complete && index === media.partCount ? { kind: 'awaited' } : { kind: 'missing' }
}
