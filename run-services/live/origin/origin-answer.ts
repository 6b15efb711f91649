import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Rendered } from '../packager/rendered.ts'

/** One request and its answer. */
export type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  /** Aborts when the reader has gone; made on first use. */
  readonly signal: AbortSignal
}

export const HLS_TYPE = 'application/vnd.apple.mpegurl'
export const DASH_TYPE = 'application/dash+xml'
export const MEDIA_TYPE = 'video/mp4'
/** Media never changes under its name. */
export const MEDIA_CACHE = 'public, max-age=86400, immutable'

/** Every answer may be read from any page: media are public or behind a token in their path. */
export const COMMON_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Content-Length, Content-Range, Date, ETag',
  'timing-allow-origin': '*',
  'x-content-type-options': 'nosniff',
} as const

/** A playlist or manifest, compressed for whom that is right, or 304 when the reader has it. */
export function sendText({ request, response }: Exchange, text: Rendered, type: string, cache: string): void {
  const headers = { ...COMMON_HEADERS, 'cache-control': cache, etag: text.etag, vary: 'Accept-Encoding' }
  if (request.headers['if-none-match'] === text.etag) {
    response.writeHead(304, headers).end()
    return
  }
  const zipped = acceptsGzip(request)
  const body = zipped ? text.gzip : text.body
  response.writeHead(200, {
    ...headers,
    'content-type': type,
    'content-length': body.length,
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Media bytes that are all there. */
export function sendPieces(
  { request, response }: Exchange,
  pieces: readonly Uint8Array[],
  cache: string = MEDIA_CACHE,
): void {
  response.writeHead(200, {
    ...COMMON_HEADERS,
    'content-type': MEDIA_TYPE,
    'content-length': pieces.reduce((sum, { length }) => sum + length, 0),
    'cache-control': cache,
  })
  if (request.method === 'HEAD') response.end()
  else if (pieces.length === 1) response.end(pieces[0])
  else {
    response.cork()
    for (const piece of pieces) response.write(piece)
    response.end()
    response.uncork()
  }
}

export function redirect({ response }: Exchange, location: string, cache: string): void {
  response.writeHead(302, { ...COMMON_HEADERS, location, 'cache-control': cache, 'content-length': 0 }).end()
}

/** Whether the reader takes gzip (RFC 9110 12.5.3), `q=0` respected. */
export function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding']
  return typeof accepted === 'string' && /(?:^|,)\s*gzip\s*(?:;\s*q=(?:0\.\d*[1-9]|1)\S*)?\s*(?:,|$)/iu.test(accepted)
}
