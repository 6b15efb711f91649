/**
 * What the HMAC-SHA256 of a playback token covers, in this order, joined by dots: `<exp>.<kid>.<playback id>`. `exp` is
 * in seconds since 1970, `kid` names the key. The edge's function and the origin both read it from here.
 */
export const PLAYBACK_TOKEN_FIELDS = ['exp', 'kid', 'playbackId'] as const

export type PlaybackTokenFields = Readonly<Record<(typeof PLAYBACK_TOKEN_FIELDS)[number], string>>

/** The text a playback token signs. */
export function playbackTokenInput(fields: PlaybackTokenFields): string {
  return PLAYBACK_TOKEN_FIELDS.map(field => fields[field]).join('.')
}

/** The path that carries a token: `/t/<exp>.<kid>.<hmac>` before the path it opens; `hmac` in base64url. */
export function playbackTokenPrefix({ exp, kid, hmac }: { exp: string; kid: string; hmac: string }): string {
  return `/t/${exp}.${kid}.${hmac}`
}
