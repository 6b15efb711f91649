import { tagWith } from './attribute-list.ts'

/** One quality of the picture. */
export type Variant = {
  uri: string
  /** Peak bits a second of picture and sound together. */
  bandwidth: number
  averageBandwidth: number
  codecs: readonly string[]
  width: number
  height: number
  frameRate: number
}

/** The sound that every variant plays. */
export type AudioRendition = { uri: string; channels: number }

const AUDIO_GROUP = 'audio'
const VERSION = 9

/** EXT-X-MEDIA (RFC 8216bis 4.4.6.1): TYPE (required), GROUP-ID (required), NAME (required), URI. */
function audioTag(audio: AudioRendition): string {
  return tagWith('EXT-X-MEDIA', {
    TYPE: 'AUDIO',
    'GROUP-ID': { quoted: AUDIO_GROUP },
    NAME: { quoted: 'Original' },
    DEFAULT: 'YES',
    AUTOSELECT: 'YES',
    CHANNELS: { quoted: String(audio.channels) },
    URI: { quoted: audio.uri },
  })
}

/** EXT-X-STREAM-INF (RFC 8216bis 4.4.6.2): BANDWIDTH (required), the URI on the next line. */
function variantLines(variant: Variant, hasAudio: boolean): string[] {
  const tag = tagWith('EXT-X-STREAM-INF', {
    BANDWIDTH: Math.round(variant.bandwidth),
    'AVERAGE-BANDWIDTH': Math.round(variant.averageBandwidth),
    CODECS: { quoted: variant.codecs.join(',') },
    RESOLUTION: `${variant.width}x${variant.height}`,
    'FRAME-RATE': variant.frameRate.toFixed(3),
    AUDIO: hasAudio ? { quoted: AUDIO_GROUP } : undefined,
    'CLOSED-CAPTIONS': 'NONE',
  })
  return [tag, variant.uri]
}

/** Writes a multivariant playlist (RFC 8216bis 4.4.6), best variant first, the sound as a group of its own. */
export function renderMultivariantPlaylist(variants: readonly Variant[], audio: AudioRendition | undefined): string {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(audio === undefined ? [] : [audioTag(audio)]),
    ...variants.flatMap(variant => variantLines(variant, audio !== undefined)),
    '',
  ].join('\n')
}
