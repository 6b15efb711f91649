/** A segment as a media playlist lists it; `parts` are told for the newest ones alone. */
export type ListedSegment = {
  sequence: number
  /** Absent while the segment is still being made. */
  uri: string | undefined
  parts: readonly string[]
  /** Its initialization section; empty where segments need none (MPEG-TS). */
  map: string
  /** Wall clock (epoch ms) of its first sample. */
  atMs: number
  durationS: number
  gap: boolean
}

const ATTRIBUTE = /([A-Z-]+)=(?:"([^"]*)"|([^,]*))/gu
const SEGMENTS_MAX = 20_000

/**
 * Reads the segments of a media playlist (RFC 8216bis 4.4) that carries EXT-X-PROGRAM-DATE-TIME, the one
 * that is being made included. Later program times are counted on from the last one told. Lines it does not know are
 * passed over; throws nothing: what is no playlist has no segments.
 */
export function readMediaPlaylist(text: string): ListedSegment[] {
  const found: ListedSegment[] = []
  let sequence = 0
  let map = ''
  let atMs = Number.NaN
  let durationS = 0
  let parts: { uri: string; durationS: number }[] = []
  let gap = false
  const push = (uri: string | undefined, lengthS: number) => {
    if (!Number.isNaN(atMs)) {
      found.push({ sequence, uri, parts: parts.map(part => part.uri), map, atMs, durationS: lengthS, gap })
    }
    sequence += 1
    atMs += lengthS * 1000
    parts = []
    gap = false
  }
  for (const line of text.split('\n')) {
    const [, tag = '', value = ''] = /^#(EXT[A-Z0-9-]*):?(.*)$/u.exec(line) ?? []
    if (tag === 'EXT-X-MEDIA-SEQUENCE') sequence = Number(value)
    else if (tag === 'EXT-X-MAP') map = attributes(value)['URI'] ?? ''
    else if (tag === 'EXT-X-PROGRAM-DATE-TIME') atMs = Date.parse(value)
    else if (tag === 'EXTINF') durationS = Number.parseFloat(value)
    else if (tag === 'EXT-X-GAP') gap = true
    else if (tag === 'EXT-X-PART') {
      const { URI: uri = '', DURATION: seconds = '0' } = attributes(value)
      parts.push({ uri, durationS: Number(seconds) })
    } else if (line !== '' && !line.startsWith('#')) push(line, durationS)
    if (found.length >= SEGMENTS_MAX) return found
  }
  if (parts.length > 0) {
    push(
      undefined,
      parts.reduce((sum, part) => sum + part.durationS, 0),
    )
  }
  return found
}

/** URIs of the renditions of a multivariant playlist: the best picture first, as it is listed, and the sound. */
export function readMultivariantPlaylist(text: string): { video: string | undefined; audio: string | undefined } {
  const lines = text.split('\n')
  const at = lines.findIndex(line => line.startsWith('#EXT-X-STREAM-INF:'))
  const media = lines.find(line => line.startsWith('#EXT-X-MEDIA:') && line.includes('TYPE=AUDIO'))
  return { video: at < 0 ? undefined : lines[at + 1], audio: media && attributes(media)['URI'] }
}

function attributes(list: string): Record<string, string> {
  return Object.fromEntries(
    [...list.matchAll(ATTRIBUTE)].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']),
  )
}
