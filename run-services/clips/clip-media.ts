import { PLAYBACK_PATHS } from '#shared/domain/playback-paths.ts'

/** Version folders that one cut and its renders may use. */
const VERSIONS_PER_CUT = 1_000
const MP4 = 'video/mp4'
/** What lies under a version folder never changes. */
export const MEDIA_CACHE = 'public, max-age=86400, immutable'
/** Signposts of a clip that will still change, and of one that is done. */
const SHORT_CACHE = 'public, max-age=5'
const LONG_CACHE = 'public, max-age=86400'

export const CUT_TYPE = MP4

/** Prefix of every object of a clip. */
export function clipPrefix(playbackId: string): string {
  return `play/${playbackId}/`
}

/** The version folder of a cut. */
export function cutVersion(cut: number): number {
  return cut * VERSIONS_PER_CUT
}

/** The version folder of one lease's render of a cut: whoever lost the lease writes where nobody looks. */
export function renderVersion(cut: number, leaseToken: number): number {
  if (leaseToken >= VERSIONS_PER_CUT) throw new Error('A render was leased too often.')
  return cut * VERSIONS_PER_CUT + leaseToken
}

export function cutPath(cut: number): string {
  return `v${cutVersion(cut)}/cut.mp4`
}

/** Files of a render that have an entry point, by name. */
const ENTRIES: Readonly<Record<string, string>> = {
  wide: PLAYBACK_PATHS.clip,
  vertical: PLAYBACK_PATHS.vertical,
  square: PLAYBACK_PATHS.square,
  poster: PLAYBACK_PATHS.poster,
  storyboard: PLAYBACK_PATHS.storyboard,
}

/** An entry point: where it lies, and where it sends whoever asks for it. */
export type Signpost = { key: string; redirect: string; cacheControl: string }

/** The entry point of a clip that is only cut. */
export function cutSignpost(playbackId: string, cut: number): Signpost {
  return { key: clipPrefix(playbackId) + PLAYBACK_PATHS.clip, redirect: cutPath(cut), cacheControl: SHORT_CACHE }
}

/** The entry points of a rendered clip. */
export function renderSignposts(playbackId: string, files: readonly { name: string; uri: string }[]): Signpost[] {
  const prefix = clipPrefix(playbackId)
  return files.flatMap(({ name, uri }) => {
    const entry = ENTRIES[name]
    if (entry === undefined || !uri.startsWith(prefix)) return []
    return [{ key: prefix + entry, redirect: uri.slice(prefix.length), cacheControl: LONG_CACHE }]
  })
}
