import { isId } from '#shared/domain/id.ts'
import { pause } from '#shared/service/pause.ts'
import { clipPrefix } from './clip-media.ts'
import { getClip, listFiles, type NamedClipRow, ownersOf, streamOfShow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { deletePrefix } from './delete-prefix.ts'

/** Objects younger than this may belong to something that is under way, in ms. */
const GRACE_MS = 3_600_000
/** Sorts after every character of an object's key. */
const AFTER_ALL = '~'
const ROOT = 'play/'
const VERSION = /^v(\d+)\//u
const UNDER_WAY = new Set(['ready', 'leased'])
const MS_PER_S = 1000

export type ObjectSweep = { playbackIds: number; deleted: number }

/**
 * One round over the playback ids in the store: what no row owns is deleted, and of a clip the version folders that its
 * rows do not name, once they are older than the grace. What a render under way may still need stays.
 */
export async function sweepObjects(deps: ClipsDeps, signal: AbortSignal, graceMs = GRACE_MS): Promise<ObjectSweep> {
  const sweep = { playbackIds: 0, deleted: 0 }
  const old = (modifiedAt: string) => Date.parse(modifiedAt) < deps.now() - graceMs
  let after = ''
  for (;;) {
    const playbackId = await nextPlaybackId(deps, after, signal)
    if (playbackId === undefined) return sweep
    after = `${ROOT}${playbackId}/${AFTER_ALL}`
    sweep.playbackIds += 1
    const kept = await keptOf(deps, playbackId)
    if (kept === 'everything') continue
    sweep.deleted += await deletePrefix(
      deps.store,
      clipPrefix(playbackId),
      signal,
      (key, modifiedAt) => !old(modifiedAt) || kept(key.slice(clipPrefix(playbackId).length)),
    )
  }
}

async function nextPlaybackId({ store }: ClipsDeps, after: string, signal: AbortSignal): Promise<string | undefined> {
  for await (const { key } of store.list(ROOT, { after, signal })) return key.split('/')[1]
  return undefined
}

/** Which paths of a playback id stay. */
async function keptOf(deps: ClipsDeps, playbackId: string): Promise<'everything' | ((path: string) => boolean)> {
  if (!isId('playback', playbackId)) return 'everything'
  const [owner] = await deps.database.read(ownersOf(playbackId))
  if (owner === undefined) {
    const shows = await deps.database.read(streamOfShow(playbackId))
    return shows.length > 0 ? 'everything' : () => false
  }
  if (owner.target_kind !== 'clip') return 'everything'
  const [clip] = await deps.database.read(getClip(owner.target_id))
  // Deleted clips are the purge's; a clip that is gone leaves nothing.
  if (clip === undefined) return () => false
  return (await isUnderWay(deps, clip)) ? 'everything' : keptOfClip(deps, clip)
}

async function isUnderWay(deps: ClipsDeps, clip: NamedClipRow): Promise<boolean> {
  if (clip.state === 'requested' || clip.state === 'rendering') return true
  const job = clip.render_job === null ? undefined : await deps.jobs.get(clip.render_job)
  return job !== undefined && UNDER_WAY.has(job.state)
}

async function keptOfClip(deps: ClipsDeps, clip: NamedClipRow): Promise<(path: string) => boolean> {
  const files = await deps.database.read(listFiles(clip.clip_id))
  const named = new Set(files.map(({ uri }) => uri.slice(clipPrefix(clip.playback_id).length)))
  return path => !VERSION.test(path) || named.has(path)
}

/** Sweeps every so many seconds until the signal aborts; a round that fails is logged and the next one tries again. */
export async function runObjectSweep(deps: ClipsDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(deps.settings.sweepS * MS_PER_S, signal)
    if (signal.aborted) return
    try {
      const sweep = await sweepObjects(deps, signal)
      if (sweep.deleted > 0) deps.log.info(sweep, 'objects without an owner were deleted')
    } catch (error) {
      if (!signal.aborted) deps.log.warn({ err: error }, 'a sweep of objects failed')
    }
  }
}
