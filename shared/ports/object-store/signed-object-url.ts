import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#shared/domain/clock.ts'
import type { SignOptions } from './object-store.ts'

/** What a URL grants. */
export type ObjectGrant = Omit<SignOptions, 'expiresInS'> & { expiresAtMs: number }

export type UrlSigning = {
  /** At least 32 bytes; the secret `object-urls`. */
  key: Uint8Array
  /** Where `signedObjectHandler` answers, e.g. `http://127.0.0.1:8080/objects`; without a slash at its end. */
  baseUrl: string
  now: Clock
}

const SIGNATURE = /^[A-Za-z0-9_-]{43}$/
/** Longest life of a URL, in s; a week, as S3's. */
const EXPIRES_S_MAX = 604_800

/** The URL that grants exactly that and nothing else. */
export function signObjectUrl(signing: UrlSigning, options: SignOptions): string {
  const { expiresInS, ...rest } = options
  const grant: ObjectGrant = { ...rest, expiresAtMs: signing.now() + Math.min(expiresInS, EXPIRES_S_MAX) * 1000 }
  const query = new URLSearchParams({ method: grant.method, expires: String(grant.expiresAtMs) })
  if (grant.bytesMax !== undefined) query.set('bytes_max', String(grant.bytesMax))
  if (grant.contentType !== undefined) query.set('type', grant.contentType)
  query.set('signature', signatureOf(signing.key, grant))
  return `${signing.baseUrl}/${grant.key}?${query.toString()}`
}

/** What the URL's path and query grant now; undefined when they were not signed by us, were altered or have expired. */
export function openObjectUrl(
  signing: Pick<UrlSigning, 'key' | 'now'>,
  key: string,
  query: URLSearchParams,
): ObjectGrant | undefined {
  const method = query.get('method')
  const signature = query.get('signature') ?? ''
  if ((method !== 'GET' && method !== 'PUT') || !SIGNATURE.test(signature)) return undefined
  const bytesMax = query.get('bytes_max')
  const contentType = query.get('type')
  const grant: ObjectGrant = {
    method,
    key,
    expiresAtMs: Number(query.get('expires')),
    ...(bytesMax === null ? {} : { bytesMax: Number(bytesMax) }),
    ...(contentType === null ? {} : { contentType }),
  }
  const genuine = timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(signing.key, grant)))
  return genuine && signing.now() < grant.expiresAtMs ? grant : undefined
}

function signatureOf(
  key: Uint8Array,
  { method, key: objectKey, expiresAtMs, bytesMax, contentType }: ObjectGrant,
): string {
  const signed = JSON.stringify(['object-url/1', method, objectKey, expiresAtMs, bytesMax ?? null, contentType ?? null])
  return createHmac('sha256', key).update(signed).digest('base64url')
}
