import { CLIP_MOVES, type ClipState, mayMove } from '#shared/domain/state-machine.ts'
import { NOTHING_TO_DO } from '#shared/service/job-routes.ts'
import type { Job } from '#shared/service/job-store.ts'
import { clipPrefix, renderVersion } from './clip-media.ts'
import { getClip, listFiles, updateClip } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { RENDER_FILES, renderInput, type RenderPayload } from './render-job.ts'

/** How long the worker may use the URLs, in seconds. */
const URL_S = 3_600
/** Largest file a render may store, in bytes. */
const FILE_BYTES_MAX = 256 * 1024 * 1024

/** What each file is; a preset is a video. */
const TYPES: Readonly<Record<string, { type: string; extension: string }>> = {
  poster: { type: 'image/jpeg', extension: 'jpg' },
  filmstrip: { type: 'image/jpeg', extension: 'jpg' },
  storyboard: { type: 'text/vtt', extension: 'vtt' },
}
const VIDEO = { type: 'video/mp4', extension: 'mp4' }

/**
 * What the worker needs for a render: the cut, and a signed place for each file in a folder of this lease alone. A render
 * that nobody waits for any more, of a clip that was deleted or cut anew, is told to be done.
 */
export async function prepareRender(deps: ClipsDeps, job: Job): Promise<RenderPayload | typeof NOTHING_TO_DO> {
  const { presets } = renderInput.parse(job.input)
  const clip = await beginRendering(deps, job)
  const files = await deps.database.read(listFiles(job.subjectId))
  const cut = files.find(({ rendition }) => rendition === 'cut')
  if (clip?.source == null || cut === undefined) return NOTHING_TO_DO
  const { source, playback_id: playbackId } = clip
  const folder = `v${renderVersion(source.cut, job.leaseToken)}`
  const targets = await Promise.all(
    [...RENDER_FILES, ...presets].map(async name => {
      const { type, extension } = TYPES[name] ?? VIDEO
      const key = `${clipPrefix(playbackId)}${folder}/${name}.${extension}`
      const put = { method: 'PUT', key, expiresInS: URL_S, bytesMax: FILE_BYTES_MAX, contentType: type } as const
      return { name, key, url: await deps.store.sign(put), content_type: type }
    }),
  )
  const { bytes, sha256, duration_ms, frames, width, height, audio } = source
  const url = await deps.store.sign({ method: 'GET', key: cut.uri, expiresInS: URL_S })
  return { cut: { url, bytes, sha256, duration_ms, frames, width, height, audio }, folder, targets }
}

async function beginRendering(deps: ClipsDeps, job: Job) {
  return deps.database.transaction(async tx => {
    const [clip] = await tx.read(getClip(job.subjectId))
    if (clip?.render_job !== job.jobId) return undefined
    if (clip.state === 'rendering') return clip
    if (!mayMove<ClipState>(CLIP_MOVES, clip.state, 'rendering')) return undefined
    await tx.write(updateClip(clip.clip_id, clip.version, { state: 'rendering', reason: null }))
    return clip
  })
}
