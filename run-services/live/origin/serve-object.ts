import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Refusal } from '#shared/domain/refusal.ts'
import type { ByteRange, ObjectInfo, ObjectStore, StoredObject } from '#shared/ports/object-store/object-store.ts'
import { acceptsGzip, COMMON_HEADERS, type Exchange, redirect } from './origin-answer.ts'

/** Entry points of what is not complete carry no rule of their own. */
const DEFAULT_CACHE = 'public, max-age=5'
const MANIFEST = /\.(?:m3u8|mpd|vtt)$/u
/** Manifests larger than this are sent as they are. */
const GZIP_BYTES_MAX = 8 * 1024 * 1024

const compress = promisify(gzip)

/** The range asked for; `undefined` for none or for several, `unsatisfiable` beyond the end (RFC 9110 14.2). */
function requestedRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, firstText, lastText] = /^bytes=(\d*)-(\d*)$/u.exec(header ?? '') ?? []
  if (firstText === undefined || lastText === undefined || (firstText === '' && lastText === '')) return undefined
  const first = firstText === '' ? Math.max(0, bytes - Number(lastText)) : Number(firstText)
  const last = firstText === '' || lastText === '' ? bytes - 1 : Math.min(Number(lastText), bytes - 1)
  if (firstText !== '' && lastText !== '' && Number(lastText) < first) return undefined
  return first >= bytes || (firstText === '' && Number(lastText) === 0) ? 'unsatisfiable' : { first, last }
}

/** Sends a stored object, a range of it, or 304; false when there is none. */
export async function serveObject(exchange: Exchange, objects: ObjectStore, key: string): Promise<boolean> {
  const { request, response, signal } = exchange
  const info = await objects.head(key)
  if (info === undefined) return false
  if (info.redirect !== undefined) {
    redirect(exchange, info.redirect, info.cacheControl ?? DEFAULT_CACHE)
    return true
  }
  const manifest = MANIFEST.test(key)
  const headers = {
    ...COMMON_HEADERS,
    'cache-control': info.cacheControl ?? DEFAULT_CACHE,
    'content-type': info.contentType,
    etag: info.etag,
    'last-modified': new Date(info.modifiedAt).toUTCString(),
    ...(manifest ? { vary: 'Accept-Encoding' } : { 'accept-ranges': 'bytes' }),
  }
  if (request.headers['if-none-match'] === info.etag) {
    response.writeHead(304, headers).end()
    return true
  }
  const range = manifest ? undefined : requestedRange(request.headers.range, info.bytes)
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...COMMON_HEADERS, 'content-range': `bytes */${info.bytes}`, 'content-length': 0 }).end()
    return true
  }
  if (request.method === 'HEAD') {
    response.writeHead(200, { ...headers, 'content-length': info.bytes }).end()
    return true
  }
  const object = await objects.get(key, range === undefined ? { signal } : { range, signal })
  if (object === undefined) return false
  if (manifest && acceptsGzip(request) && info.bytes <= GZIP_BYTES_MAX) await sendZipped(exchange, object, headers)
  else await sendBody(exchange, object, info, range, headers)
  return true
}

async function sendZipped(
  { response }: Exchange,
  object: StoredObject,
  headers: Record<string, string>,
): Promise<void> {
  const pieces: Uint8Array[] = []
  for await (const piece of object.body) pieces.push(piece)
  const body = await compress(Buffer.concat(pieces))
  response.writeHead(200, {
    ...headers,
    etag: `W/${headers['etag']}`,
    'content-encoding': 'gzip',
    'content-length': body.length,
  })
  response.end(body)
}

async function sendBody(
  { response, signal }: Exchange,
  object: StoredObject,
  info: ObjectInfo,
  range: ByteRange | undefined,
  headers: Record<string, string>,
): Promise<void> {
  const { first } = range ?? { first: 0 }
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': object.length,
    ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${first + object.length - 1}/${info.bytes}` }),
  })
  try {
    await pipeline(object.body, response, { signal })
  } catch (error) {
    if (!signal.aborted)
      throw new Refusal('service.unavailable', { detail: 'The object could not be read.', cause: error })
  }
}
