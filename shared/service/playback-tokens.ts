import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#shared/domain/clock.ts'
import { playbackTokenInput, playbackTokenPrefix } from '#shared/domain/playback-token.ts'

/** What came of a token in front of a path: good, or why it opens nothing; the words of the edge's function. */
export type PlaybackVerdict = 'good' | 'token.malformed' | 'token.expired' | 'token.unknown-key' | 'token.forged'

/** Mints and checks the tokens that open one playback id for a while; they stand in front of its paths. */
export type PlaybackTokens = {
  /** Name of the key, under which the edge keeps it too. */
  readonly kid: string
  /** `/t/<exp>.<kid>.<hmac>`, good until `expS` (seconds since 1970). */
  mint(playbackId: string, expS: number): string
  /** Checks the text between `/t/` and the path it opens. */
  verify(token: string, playbackId: string): PlaybackVerdict
}

const TOKEN = /^(\d{10})\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]{43})$/u
const KID_CHARACTERS = 8
const MS_PER_S = 1_000

/**
 * Tokens under one secret of the deployment. The edge's store holds text, so the key is the secret in base64url; its name
 * follows from it, so that a new secret has a new name and both can stand at the edge until the old tokens have run out.
 */
export function playbackTokens(secret: Uint8Array, now: Clock): PlaybackTokens {
  const key = Buffer.from(secret).toString('base64url')
  const kid = createHash('sha256').update(key).digest('base64url').slice(0, KID_CHARACTERS)
  const hmacOf = (exp: string, playbackId: string) =>
    createHmac('sha256', key).update(playbackTokenInput({ exp, kid, playbackId })).digest('base64url')

  return {
    kid,
    mint(playbackId, expS) {
      const exp = String(expS)
      return playbackTokenPrefix({ exp, kid, hmac: hmacOf(exp, playbackId) })
    },
    verify(token, playbackId) {
      const [, exp = '', named, hmac = ''] = TOKEN.exec(token) ?? []
      if (named === undefined) return 'token.malformed'
      if (Number(exp) * MS_PER_S < now()) return 'token.expired'
      if (named !== kid) return 'token.unknown-key'
      return timingSafeEqual(Buffer.from(hmac), Buffer.from(hmacOf(exp, playbackId))) ? 'good' : 'token.forged'
    },
  }
}
