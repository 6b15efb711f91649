/** One tag of a playlist: its name without `#`, what follows the colon, and that as attributes. */
export type PlaylistTag = { name: string; value: string; attributes: ReadonlyMap<string, string>; line: number }

/** One segment as a reader sees it: the tags before its URI. */
export type ReadSegment = { tags: readonly PlaylistTag[]; uri: string; line: number }

export type PlaylistText = {
  /** Tags that belong to no segment: before the first, and after the last. */
  tags: readonly PlaylistTag[]
  segments: readonly ReadSegment[]
  /** Tags after the last URI: the open segment's and those at the end. */
  open: readonly PlaylistTag[]
  lines: readonly string[]
}

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/gu
/** Tags that apply to the segment after them (RFC 8216bis 4.4.4), EXT-X-PART among them. */
const SEGMENT_TAGS = new Set([
  'EXTINF',
  'EXT-X-BYTERANGE',
  'EXT-X-DISCONTINUITY',
  'EXT-X-KEY',
  'EXT-X-MAP',
  'EXT-X-PROGRAM-DATE-TIME',
  'EXT-X-GAP',
  'EXT-X-BITRATE',
  'EXT-X-PART',
])

function readTag(text: string, line: number): PlaylistTag {
  const colon = text.indexOf(':')
  const name = text.slice(1, colon === -1 ? undefined : colon)
  const value = colon === -1 ? '' : text.slice(colon + 1)
  const attributes = new Map<string, string>()
  for (const [, key = '', raw = ''] of value.matchAll(ATTRIBUTE)) attributes.set(key, raw.replaceAll('"', ''))
  return { name, value, attributes, line }
}

/** Takes a media playlist apart, without judging it. */
export function readPlaylistText(text: string): PlaylistText {
  const lines = text.split('\n')
  const tags: PlaylistTag[] = []
  const segments: ReadSegment[] = []
  let pending: PlaylistTag[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    if (!line.startsWith('#')) {
      segments.push({ tags: pending, uri: line, line: index + 1 })
      pending = []
    } else if (line.startsWith('#EXT')) {
      const tag = readTag(line, index + 1)
      ;(SEGMENT_TAGS.has(tag.name) ? pending : tags).push(tag)
    }
  }
  return { tags, segments, open: pending, lines }
}

/** The first tag of that name. */
export function findTag(tags: readonly PlaylistTag[], name: string): PlaylistTag | undefined {
  return tags.find(tag => tag.name === name)
}

/** An attribute as a number; NaN when absent or not one. */
export function numberOf(tag: PlaylistTag | undefined, attribute: string): number {
  return Number(tag?.attributes.get(attribute) ?? Number.NaN)
}
