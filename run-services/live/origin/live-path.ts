import { isId } from '#shared/domain/id.ts'
import { CLOCK_PATH, DVR_PATH, MANIFEST_PATH, MASTER_PATH } from '../packager/show-paths.ts'
import type { PlaylistKind } from '../packager/show-playlists.ts'

/** What a request path asks for; built by pattern alone, nothing is ever decoded. */
export type LivePath =
  | { kind: 'entry'; id: string; rest: string; path: string }
  | { kind: 'clock'; id: string; rest: string }
  | { kind: 'playlist'; id: string; rest: string; folder: string; rendition: string; playlist: PlaylistKind }
  | { kind: 'media'; id: string; rest: string; folder: string; track: string; file: string }
  | { kind: 'object'; id: string; rest: string; key: string }

const PATH_CHARACTERS_MAX = 512
const PREFIX = /^\/(live|play)\/([a-z0-9_]{1,64})\/(.+)$/u
const MEDIA = /^(v\d{1,12})\/([a-z0-9]{1,16})\/([A-Za-z0-9.-]{1,64})$/u
const OBJECT_PART = /^[A-Za-z0-9][A-Za-z0-9._-]*$/u
const ENTRIES: readonly string[] = [MASTER_PATH, DVR_PATH, MANIFEST_PATH]

/** Reads the path of a request; `undefined` for anything that is not one of ours, traversal included. */
export function livePath(path: string): LivePath | undefined {
  if (path.length > PATH_CHARACTERS_MAX) return undefined
  const [, area, id = '', rest = ''] = PREFIX.exec(path) ?? []
  if (area === undefined || !isId('playback', id)) return undefined
  if (area === 'play') {
    return rest.split('/').every(part => OBJECT_PART.test(part))
      ? { kind: 'object', id, rest, key: `play/${id}/${rest}` }
      : undefined
  }
  if (ENTRIES.includes(rest)) return { kind: 'entry', id, rest, path: rest }
  if (rest === CLOCK_PATH) return { kind: 'clock', id, rest }
  const [, folder, track = '', file = ''] = MEDIA.exec(rest) ?? []
  if (folder === undefined) return undefined
  if (file === 'live.m3u8' || file === 'dvr.m3u8') {
    const playlist = file === 'live.m3u8' ? 'live' : 'dvr'
    return { kind: 'playlist', id, rest, folder, rendition: track, playlist }
  }
  return { kind: 'media', id, rest, folder, track, file }
}
