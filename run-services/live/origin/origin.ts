import type { RequestListener } from 'node:http'
import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { newId, type RandomBytes } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { PlaybackTokens } from '#shared/service/playback-tokens.ts'
import { problemOf } from '#shared/service/problem.ts'
import { ARCHIVE_PLAYLIST, DVR_PATH, MASTER_PATH } from '../packager/show-paths.ts'
import type { ShowReader } from '../packager/show-reader.ts'
import { exchangeOf } from './exchange-of.ts'
import { forwardMedia, isForwarded } from './forward-media.ts'
import { type LivePath, livePath } from './live-path.ts'
import { COMMON_HEADERS, type Exchange, redirect } from './origin-answer.ts'
import { serveObject } from './serve-object.ts'
import { serveEntry, servePlaylist, serveShowMedia } from './serve-show.ts'

/** A redirect that may soon lead elsewhere, in seconds. */
const REDIRECT_CACHE = 'public, max-age=5'
const TOKEN_PATH = /^\/t\/([^/]{1,128})(\/.*)$/u
const PREFLIGHT_HEADERS = {
  ...COMMON_HEADERS,
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': 'Range',
  'access-control-max-age': '86400',
} as const

/** A show in memory, or the stream id of one that is over. */
export type FoundShow = ShowReader | { endedAs: string }

export type OriginOptions = {
  /** What a playback id stands for now: a channel's, whatever is on air; a stream's, that show. */
  shows: (id: string) => FoundShow | undefined
  /** Where another instance of the plane serves an id that is not here. */
  elsewhere?: (id: string) => Promise<string | undefined>
  objects: ObjectStore
  /** Checks a token in front of a path. */
  tokens: Pick<PlaybackTokens, 'verify'>
  now: Clock
  random: RandomBytes
  log: { error(fields: object, message: string): void }
}

/**
 * Serves `/live/<id>/…` from memory, and from the recording what has left memory; `/play/<id>/…` from stored objects.
 *
 * GET and HEAD for anyone; a token in front of a path (`/t/…`) must be good. A live path whose show is over answers 302 to its recording. Every other failure is a problem
 * document (RFC 9457).
 */
export function origin(options: OriginOptions): RequestListener {
  return (request, response) => {
    const exchange = exchangeOf(request, response)
    answer(options, exchange).catch((error: unknown) => fail(options, exchange, error))
  }
}

async function answer(options: OriginOptions, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  if (request.method === 'OPTIONS') {
    response.writeHead(204, PREFLIGHT_HEADERS).end()
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new Refusal('method.not-allowed', { detail: 'Only GET and HEAD are answered here.' })
  }
  const url = request.url ?? ''
  const mark = url.indexOf('?')
  const { token, path } = asked(mark === -1 ? url : url.slice(0, mark))
  if (path === undefined) throw nothingHere()
  const verdict = token === undefined ? 'good' : options.tokens.verify(token, path.id)
  if (verdict !== 'good') throw new Refusal('auth.forbidden', { detail: `This address opens nothing: ${verdict}.` })
  if (path.kind === 'object') return serveStored(options, exchange, path)
  if (path.kind === 'clock') return sendClock(exchange, options.now)
  const show = options.shows(path.id)
  if (show === undefined) throw nothingHere()
  if ('endedAs' in show) {
    if (await servedElsewhere(options, exchange, path.id, url)) return
    return redirect(exchange, fromHere(path.rest, archivePath(show.endedAs, path.rest)), REDIRECT_CACHE)
  }
  if (path.kind === 'entry') return serveEntry(exchange, show, path)
  if (path.kind === 'playlist') return servePlaylist(exchange, show, path, mark === -1 ? '' : url.slice(mark + 1))
  if (await serveShowMedia(exchange, show, path)) return
  if (!(await serveObject(exchange, options.objects, `play/${show.streamId}/${path.rest}`))) throw nothingHere()
}

/** A path, and the token in front of it; the edge cuts that off, without an edge it comes here. */
function asked(path: string): { token: string | undefined; path: LivePath | undefined } {
  const [, token, rest = ''] = TOKEN_PATH.exec(path) ?? []
  return token === undefined ? { token, path: livePath(path) } : { token, path: livePath(rest) }
}

/** Hands a request on to the instance that has the show, if one has; what has been handed on stays. */
async function servedElsewhere(options: OriginOptions, exchange: Exchange, id: string, url: string): Promise<boolean> {
  if (isForwarded(exchange)) return false
  const base = await options.elsewhere?.(id)
  if (base === undefined) return false
  await forwardMedia(exchange, base, url)
  return true
}

async function serveStored(
  options: OriginOptions,
  exchange: Exchange,
  path: Extract<LivePath, { kind: 'object' }>,
): Promise<void> {
  if (await serveObject(exchange, options.objects, path.key)) return
  const show = options.shows(path.id)
  if (
    show !== undefined &&
    'endedAs' in show &&
    (await servedElsewhere(options, exchange, path.id, exchange.request.url ?? ''))
  )
    return
  if (show === undefined || 'endedAs' in show) throw nothingHere()
  redirect(exchange, fromHere(path.rest, `live/${path.id}/${path.rest}`), REDIRECT_CACHE)
}

/** A relative URL from `/<area>/<id>/<rest>` to a path below the root, so that a token in front of both is kept. */
function fromHere(rest: string, path: string): string {
  return '../'.repeat(rest.split('/').length + 1) + path
}

/** Where the recording has what a live path named. */
function archivePath(streamId: string, rest: string): string {
  const stored = rest === DVR_PATH ? MASTER_PATH : rest.replace(/\/(?:live|dvr)\.m3u8$/u, `/${ARCHIVE_PLAYLIST}`)
  return `play/${streamId}/${stored}`
}

function sendClock({ request, response }: Exchange, now: Clock): void {
  const body = rfc3339(now())
  const headers = { ...COMMON_HEADERS, 'content-type': 'text/plain', 'cache-control': 'no-store' }
  response.writeHead(200, { ...headers, 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function nothingHere(): Refusal {
  return new Refusal('resource.missing', { detail: 'There is nothing at this address.' })
}

function fail(options: OriginOptions, { request, response }: Exchange, error: unknown): void {
  if (response.destroyed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const problem = problemOf(error, newId('request', options.random))
  if (problem.bug) options.log.error({ err: error, path: request.url }, 'origin: request failed')
  const body = JSON.stringify(problem.body)
  response.writeHead(problem.status, {
    ...COMMON_HEADERS,
    ...problem.headers,
    'cache-control': problem.status === 404 ? 'public, max-age=1' : 'no-store',
    'content-length': Buffer.byteLength(body),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
