import { once } from 'node:events'
import { Refusal } from '#shared/domain/refusal.ts'
import { MANIFEST_PATH } from '../packager/show-paths.ts'
import type { OpenMedia, ShowReader } from '../packager/show-reader.ts'
import type { LivePath } from './live-path.ts'
import {
  COMMON_HEADERS,
  DASH_TYPE,
  type Exchange,
  HLS_TYPE,
  MEDIA_CACHE,
  MEDIA_TYPE,
  sendPieces,
  sendText,
} from './origin-answer.ts'
import { reloadDirectives } from './reload-directives.ts'

/** A blocking request waits this many target durations at most (RFC 8216bis 6.2.5.2). */
const BLOCK_TARGETS_MAX = 3
/** Entry points of a show that is not over, in seconds. */
const ENTRY_CACHE_S = 5

type PathOf<Kind extends LivePath['kind']> = Extract<LivePath, { kind: Kind }>

const missing = (): Refusal => new Refusal('resource.missing', { detail: 'There is nothing at this address.' })
const busy = (retryAfterS: number): Refusal =>
  new Refusal('service.unavailable', { detail: 'The show does not move on at the moment.', retryAfterS })
const patienceMs = (show: ShowReader): number => BLOCK_TARGETS_MAX * show.targetDurationS * 1000

/** Half a segment at most; about a part target, rounded up to whole seconds, where there are parts. */
function playlistCache(show: ShowReader): string {
  const seconds = show.partTargetS === undefined ? show.targetDurationS / 2 : Math.ceil(show.partTargetS)
  return `public, max-age=${Math.max(1, Math.floor(seconds))}`
}

/** A multivariant playlist or manifest; a show that is just starting is waited for. */
export async function serveEntry(exchange: Exchange, show: ShowReader, { path }: PathOf<'entry'>): Promise<void> {
  if (show.entry(path) === undefined) {
    await show.readers.wait(() => show.entry(path) !== undefined, patienceMs(show), exchange.signal)
  }
  const text = show.entry(path)
  if (text === undefined) throw busy(show.targetDurationS)
  const manifest = path === MANIFEST_PATH
  const cache = manifest ? playlistCache(show) : `public, max-age=${ENTRY_CACHE_S}`
  sendText(exchange, text, manifest ? DASH_TYPE : HLS_TYPE, cache)
}

/**
 * A media playlist, at once or when it contains what the player waits for; 503 when it does not for three target durations.
 * While no encoder is on it is answered as it is after half a target: players take long silence for a fault and would not
 * stay until the publisher is back.
 */
export async function servePlaylist(
  exchange: Exchange,
  show: ShowReader,
  path: PathOf<'playlist'>,
  query: string,
): Promise<void> {
  const { msn, part, skip } = reloadDirectives(query)
  const { folder, rendition, playlist } = path
  const read = () => show.playlist(folder, rendition, playlist, skip)
  if (read() === undefined) throw missing()
  if (msn === undefined) {
    // A player takes a playlist without a whole segment for a broken one: who joins in the first second waits for it.
    if (!show.listed(rendition)) {
      await show.readers.wait(() => show.listed(rendition), patienceMs(show), exchange.signal)
    }
    if (!show.listed(rendition)) throw busy(show.targetDurationS)
  } else {
    if (show.reload(rendition, msn, part) === 'too-far') {
      throw new Refusal('request.malformed', { detail: 'That segment is too far ahead.', param: '_HLS_msn' })
    }
    const ready = () => show.reload(rendition, msn, part) === 'ready'
    if (!ready()) await waitForReload(exchange, show, ready)
  }
  const text = read()
  if (text === undefined) throw missing()
  sendText(exchange, text, HLS_TYPE, playlistCache(show))
}

async function waitForReload({ signal }: Exchange, show: ShowReader, ready: () => boolean): Promise<void> {
  await show.readers.wait(() => ready() || !show.running, patienceMs(show), signal)
  if (!show.running) await show.readers.wait(ready, (show.targetDurationS * 1000) / 2, signal)
  else if (!ready()) throw busy(show.targetDurationS)
}

/** A segment, a part or an initialization segment; false when only the recording may have it. */
export async function serveShowMedia(exchange: Exchange, show: ShowReader, path: PathOf<'media'>): Promise<boolean> {
  const find = () => show.media(path.folder, path.track, path.file)
  if (find().kind === 'awaited') {
    await show.readers.wait(() => find().kind !== 'awaited', patienceMs(show), exchange.signal)
  }
  const found = find()
  if (found.kind === 'missing') throw missing()
  if (found.kind === 'awaited') throw busy(show.targetDurationS)
  if (found.kind === 'bytes') sendPieces(exchange, found.pieces)
  if (found.kind === 'empty') sendPieces(exchange, [], 'no-store')
  if (found.kind === 'open') await sendOpen(exchange, show, found.media)
  return found.kind !== 'stored'
}

/** Sends a segment part by part while it is being made. */
async function sendOpen(exchange: Exchange, show: ShowReader, media: OpenMedia): Promise<void> {
  const { request, response } = exchange
  response.writeHead(200, { ...COMMON_HEADERS, 'content-type': MEDIA_TYPE, 'cache-control': MEDIA_CACHE })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  response.flushHeaders()
  for (let sent = 0; ;) {
    for (; sent < media.parts.length; sent += 1) {
      const bytes = media.parts[sent]?.bytes
      if (bytes !== undefined && !response.write(bytes)) await once(response, 'drain', { signal: exchange.signal })
    }
    if (media.complete() && sent === media.parts.length) break
    const moved = await show.readers.wait(
      () => media.complete() || media.parts.length > sent,
      patienceMs(show),
      exchange.signal,
    )
    if (!moved) {
      // Half a segment must not look like a whole one.
      response.destroy()
      return
    }
  }
  response.end()
}
