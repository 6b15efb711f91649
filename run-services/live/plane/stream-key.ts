import { createHmac, timingSafeEqual } from 'node:crypto'
import { base32, derivedId } from '#shared/domain/id.ts'

const REF_BYTES = 16
const SECRET_BYTES = 20
/** `pchn_`, 26 characters, `_`, 32 characters. */
const STREAM_KEY = /^(pchn_[a-z2-7]{26})_[a-z2-7]{32}$/
const CHANNEL_REF = /^pchn_[a-z2-7]{26}$/

/** A key as the plane keeps it: never the secret, only its HMAC. */
export type KnownKey = {
  key_ref: string
  /** Hex HMAC-SHA-256 of the whole stream key. */
  hmac: string
  /** When it stops working; null while it is good. */
  expires_at: string | null
}

/**
 * Names and secrets that follow from a client token, so that a repeated create gives the same answer and nothing secret is
 * ever stored: all are HMACs under the plane's own key material.
 */
export type StreamKeys = {
  channelRef(token: string): string
  playbackId(token: string): string
  /** The key a token gives on a channel; `secret` is the whole stream key a publisher types. */
  derive(ref: string, token: string): { keyRef: string; secret: string; hmac: string }
  /** The good key that was presented, if any; takes as long for a wrong key as for a right one. */
  match(presented: string, known: readonly KnownKey[], nowMs: number): KnownKey | undefined
}

/** Stream keys under one secret of the deployment. */
export function streamKeys(planeSecret: Uint8Array): StreamKeys {
  const digest = (purpose: string, text: string) =>
    createHmac('sha256', planeSecret).update(`${purpose}\n${text}`).digest()

  return {
    channelRef: token => `pchn_${base32(digest('channel-ref', token).subarray(0, REF_BYTES))}`,
    playbackId: token => derivedId('playback', digest('channel-playback', token)),
    derive(ref, token) {
      const body = base32(digest('key-secret', `${ref}\n${token}`).subarray(0, SECRET_BYTES))
      const keyRef = `pkey_${base32(digest('key-ref', `${ref}\n${token}`).subarray(0, REF_BYTES))}`
      const secret = `${ref}_${body}`
      return { keyRef, secret, hmac: digest('key-check', secret).toString('hex') }
    },
    match(presented, known, nowMs) {
      const check = digest('key-check', presented)
      let found: KnownKey | undefined
      for (const key of known) {
        const same = timingSafeEqual(check, Buffer.from(key.hmac, 'hex'))
        if (same && isGood(key, nowMs)) found = key
      }
      return found
    },
  }
}

/** Whether a key still opens the door. */
export function isGood(key: KnownKey, nowMs: number): boolean {
  return key.expires_at === null || Date.parse(key.expires_at) > nowMs
}

/** The channel a well-formed stream key belongs to; says nothing about the key being right. */
export function channelOfKey(streamKey: string): string | undefined {
  return STREAM_KEY.exec(streamKey)?.[1]
}

/** Whether the text may name a channel of the plane; keeps foreign text out of object keys. */
export function isChannelRef(text: string): boolean {
  return CHANNEL_REF.test(text)
}
