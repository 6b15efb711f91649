import {
  type ListedSegment,
  readMediaPlaylist,
  readMultivariantPlaylist,
} from '#shared/media/hls/read-media-playlist.ts'
import { pause } from '#shared/service/pause.ts'

/** A piece of a segment as a viewer got it. */
type SeenPart = { bytes: Uint8Array; atMs: number }

/** One segment as a viewer saw it come about. */
export type WatchedSegment = {
  sequence: number
  init: Uint8Array
  parts: readonly SeenPart[]
  /** When it was listed whole. */
  wholeAtMs: number
  /** From asking for the show to having its first picture, in ms. */
  firstPictureMs: number
}

/** Between two looks at a playlist that cannot be waited for, in ms. */
const LOOK_EVERY_MS = 300
const ANSWER_MS_MAX = 15_000
const BYTES_MAX = 64 * 1024 * 1024

type Options = { hlsUrl: string; now: () => number; signal: AbortSignal }

/**
 * Watches a show as a player does, at its newest edge, until it has seen one whole segment come about part by part, the one
 * after the segment it joined in. Where a show has no parts, a segment is its only part. Throws when the show cannot be had.
 */
export async function watchShow({ hlsUrl, now, signal }: Options): Promise<WatchedSegment> {
  const askedMs = now()
  const get = (url: URL | string) => fetchBytes(url, signal)
  const text = async (url: URL) => new TextDecoder().decode(await get(url))
  const { video } = readMultivariantPlaylist(await text(new URL(hlsUrl)))
  if (video === undefined) throw new Error('The show lists no picture.')
  const playlist = new URL(video, hlsUrl)
  const fetchOf = (uri: string) => get(new URL(uri, playlist))

  let listed = await text(playlist)
  const joined = readMediaPlaylist(listed).at(-1)
  if (joined === undefined) throw new Error('The show lists no segment.')
  const init = joined.map === '' ? new Uint8Array(0) : await fetchOf(joined.map)
  await fetchOf(joined.parts[0] ?? joined.uri ?? '')
  const firstPictureMs = now() - askedMs

  const sequence = joined.sequence + 1
  const parts: SeenPart[] = []
  for (;;) {
    signal.throwIfAborted()
    const segments = readMediaPlaylist(listed)
    const listedMs = now()
    const wanted = segments.find(segment => segment.sequence === sequence)
    if (wanted !== undefined) {
      for (const uri of urisOf(wanted).slice(parts.length)) parts.push({ bytes: await fetchOf(uri), atMs: now() })
      if (wanted.uri !== undefined) return { sequence, init, parts, wholeAtMs: listedMs, firstPictureMs }
    }
    listed = await text(await nextOf(playlist, listed, segments.at(-1), signal))
  }
}

function urisOf({ uri, parts }: ListedSegment): readonly string[] {
  return parts.length > 0 ? parts : [uri ?? []].flat()
}

/** Where the next state of the playlist is found: the server answers once it has it, or it is asked again after a while. */
async function nextOf(
  playlist: URL,
  listed: string,
  newest: ListedSegment | undefined,
  signal: AbortSignal,
): Promise<URL> {
  const next = new URL(playlist)
  if (newest !== undefined && listed.includes('CAN-BLOCK-RELOAD=YES')) {
    const whole = newest.uri !== undefined
    next.searchParams.set('_HLS_msn', String(whole ? newest.sequence + 1 : newest.sequence))
    next.searchParams.set('_HLS_part', String(whole ? 0 : newest.parts.length))
  } else {
    await pause(LOOK_EVERY_MS, signal)
  }
  return next
}

/** The bytes at an address; throws when they are not there, or too many. */
export async function fetchBytes(url: URL | string, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]) })
  const length = Number(response.headers.get('content-length') ?? 0)
  if (!response.ok || length > BYTES_MAX) {
    await response.body?.cancel()
    throw new Error(`${new URL(url).pathname} answered ${response.status} with ${length} bytes.`)
  }
  return new Uint8Array(await response.arrayBuffer())
}
