/** The kinds of thing that carry an id, by the prefix that starts it. */
const ID_PREFIXES = {
  creator: 'crtr',
  channel: 'chan',
  streamKey: 'skey',
  program: 'prog',
  stream: 'strm',
  playback: 'play',
  marker: 'mark',
  cue: 'cue',
  clip: 'clip',
  review: 'revw',
  share: 'shar',
  event: 'evt',
  request: 'req',
  canaryRun: 'cnry',
} as const

export type IdKind = keyof typeof ID_PREFIXES

/** Fills a buffer of the given length with chance; `crypto.randomBytes` in production, seeded in simulations. */
export type RandomBytes = (length: number) => Uint8Array

const ID_BYTES = 16
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const BODY = /^[a-z2-7]{26}$/

/** Lower-case RFC 4648 base32 without padding; 16 bytes give 26 characters. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(buffer >>> bits) & 31]
    }
    buffer &= 0xff
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text
}

/** A new id: the kind's prefix, an underscore and 128 random bits, so that no key range is ever a hotspot. */
export function newId(kind: IdKind, random: RandomBytes): string {
  return `${ID_PREFIXES[kind]}_${base32(random(ID_BYTES))}`
}

/** The id that 16 or more hashed bytes always give, for things named by what they are (a creator by issuer and subject). */
export function derivedId(kind: IdKind, digest: Uint8Array): string {
  return `${ID_PREFIXES[kind]}_${base32(digest.subarray(0, ID_BYTES))}`
}

/** Whether the text is a well-formed id of that kind; says nothing about existence. */
export function isId(kind: IdKind, text: string): boolean {
  const prefix = `${ID_PREFIXES[kind]}_`
  return text.startsWith(prefix) && BODY.test(text.slice(prefix.length))
}
