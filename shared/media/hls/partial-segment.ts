import { tagWith } from './attribute-list.ts'

export type PlaylistPart = {
  uri: string
  durationS: number
  /** Starts with an independent frame. */
  independent: boolean
}

/** EXT-X-PART-INF (RFC 8216bis 4.4.3.7), required where the playlist has parts: PART-TARGET (required). */
export function partInfTag(partTargetS: number): string {
  return tagWith('EXT-X-PART-INF', { 'PART-TARGET': partTargetS })
}

/** EXT-X-PART (RFC 8216bis 4.4.4.9): DURATION (required), URI (required), INDEPENDENT. */
export function partTag(part: PlaylistPart): string {
  return tagWith('EXT-X-PART', {
    DURATION: part.durationS,
    URI: { quoted: part.uri },
    INDEPENDENT: part.independent ? 'YES' : undefined,
  })
}

/** EXT-X-PRELOAD-HINT (RFC 8216bis 4.4.5.3): TYPE (required), URI (required). */
export function preloadHintTag(uri: string): string {
  return tagWith('EXT-X-PRELOAD-HINT', { TYPE: 'PART', URI: { quoted: uri } })
}
