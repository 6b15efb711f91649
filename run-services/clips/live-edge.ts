import {
  type ListedSegment,
  readMediaPlaylist,
  readMultivariantPlaylist,
} from '#shared/media/hls/read-media-playlist.ts'
import { PLAYBACK_PATHS } from '#shared/domain/playback-paths.ts'
import { readOrigin } from './read-origin.ts'
import type { ShowMoment, ShowPiece } from './show-piece.ts'

const INIT_EPOCH = /init-(\d+)\.mp4$/u

/**
 * What the origin has of a show on the air right now, as any player sees it: the best picture and the sound, the segment
 * that is being made included. Empty when the show is not there (any more).
 */
export async function liveEdge(originUrl: URL, showId: string, signal: AbortSignal): Promise<ShowMoment[]> {
  const root = new URL(`live/${showId}/`, originUrl)
  const read = async (path: string) => (await readOrigin(new URL(path, root), signal))?.toString('utf8') ?? ''
  const master = readMultivariantPlaylist(await read(PLAYBACK_PATHS.hls))
  if (master.video === undefined) return []
  const [video, audio] = await Promise.all(
    [master.video, master.audio].map(async path =>
      path === undefined ? [] : readMediaPlaylist(await read(path)).map(segment => moved(segment, path)),
    ),
  )
  return (video ?? []).flatMap(segment => {
    const sound = audio?.find(({ sequence }) => sequence === segment.sequence)
    // What has no sound yet is not over: the clip ends where both are.
    if (segment.gap || (master.audio !== undefined && sound === undefined)) return []
    return {
      seq: segment.sequence,
      epoch: Number(INIT_EPOCH.exec(segment.map)?.[1] ?? 0),
      atMs: segment.atMs,
      durationMs: Math.min(segment.durationS, sound?.durationS ?? segment.durationS) * 1000,
      video: piecesOf(segment),
      audio: sound === undefined || sound.gap ? [] : piecesOf(sound),
    }
  })
}

/** The segment with its URIs below the show's folder instead of the playlist's. */
function moved(segment: ListedSegment, playlist: string): ListedSegment {
  const below = (uri: string) => new URL(uri, new URL(playlist, 'http://show/')).pathname.slice(1)
  return {
    ...segment,
    uri: segment.uri === undefined ? undefined : below(segment.uri),
    parts: segment.parts.map(below),
    map: below(segment.map),
  }
}

function piecesOf({ uri, parts, map, atMs, durationS }: ListedSegment): ShowPiece[] {
  const paths = uri === undefined ? parts : [uri]
  return paths.map(path => ({ path, init: map, atMs, durationMs: durationS * 1000, from: { place: 'origin' } }))
}
