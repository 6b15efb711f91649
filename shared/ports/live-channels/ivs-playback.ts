import { importPKCS8, SignJWT } from 'jose'
import type { Clock } from '#shared/domain/clock.ts'

/** The private half of an IVS playback key pair, as PEM (PKCS 8, P-384). */
export type IvsPlaybackOptions = { key: string; now: Clock }

const ALGORITHM = 'ES384'
/** How long a URL lets players in, in s; who is in stays in. */
const LIFE_S = 3_600
/** A URL is given out again until this much of its life is left, in ms. */
const REUSE_LEFT_MS = 1_800_000
const KEPT_MAX = 10_000
const MS_PER_S = 1_000

/**
 * Playback URLs of private channels (Amazon IVS User Guide, "Generate and Sign IVS Playback Tokens"): the channel's own
 * with a token of an hour. Everybody who asks within half an hour is given the same one, so that a page costs no signature.
 */
export function ivsPlayback({ key, now }: IvsPlaybackOptions): (channelArn: string, url: string) => Promise<string> {
  const signing = importPKCS8(key, ALGORITHM)
  // Told to the first caller; nobody else would hear of it.
  signing.catch(() => undefined)
  const kept = new Map<string, { url: string; untilMs: number }>()
  return async (channelArn, url) => {
    const known = kept.get(channelArn)
    if (known !== undefined && known.untilMs - now() > REUSE_LEFT_MS) return known.url
    const untilS = Math.floor(now() / MS_PER_S) + LIFE_S
    const token = await new SignJWT({ 'aws:channel-arn': channelArn, 'aws:access-control-allow-origin': '*' })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setExpirationTime(untilS)
      .sign(await signing)
    const signed = new URL(url)
    signed.searchParams.set('token', token)
    if (kept.size >= KEPT_MAX) kept.clear()
    kept.set(channelArn, { url: signed.href, untilMs: untilS * MS_PER_S })
    return signed.href
  }
}
