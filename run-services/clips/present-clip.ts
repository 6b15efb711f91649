import { z } from 'zod'
import { type ClipMoments, cropChoice } from '#shared/domain/clip.ts'
import { mediaUrlOf, PLAYBACK_PATHS } from '#shared/domain/playback-paths.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { JobStore } from '#shared/service/job-store.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { ClipAnswer, ClipPlayback } from './clip-answer.ts'
import { type ClipFileRow, listFilesOf, type NamedClipRow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { ownsClip } from './own-clip.ts'

const NO_MOMENTS: ClipMoments = { cues: [], markers: [] }
/** Files that a player or a page uses by itself. */
const NOT_OFFERED = new Set(['cut', 'poster', 'filmstrip', 'storyboard'])
const RENDERING: readonly string[] = ['playable', 'rendering']

const progress = z.object({ percent: z.number(), stored: z.array(z.object({ name: z.string() })).default([]) })

/** Clips as the API answers them to that caller. */
export async function presentClips(
  deps: Pick<ClipsDeps, 'jobs' | 'settings'> & { database: Reader },
  principal: Principal,
  clips: readonly NamedClipRow[],
): Promise<ClipAnswer[]> {
  const files = await filesOf(deps.database, clips)
  return Promise.all(
    clips.map(async clip => {
      const render = await renderOf(deps.jobs, clip)
      return present(deps.settings.mediaUrl, principal, clip, files.get(clip.clip_id) ?? [], render)
    }),
  )
}

/** One clip as the API answers it to that caller. */
export async function presentClip(
  deps: Pick<ClipsDeps, 'jobs' | 'settings'> & { database: Reader },
  principal: Principal,
  clip: NamedClipRow,
): Promise<ClipAnswer> {
  const [answer] = await presentClips(deps, principal, [clip])
  if (answer === undefined) throw new Error('A clip was not presented.')
  return answer
}

async function filesOf(reader: Reader, clips: readonly NamedClipRow[]): Promise<Map<string, ClipFileRow[]>> {
  const rows = clips.length === 0 ? [] : await reader.read(listFilesOf(clips.map(({ clip_id: id }) => id)))
  return Map.groupBy(rows, ({ clip_id: id }) => id)
}

async function renderOf(jobs: JobStore, clip: NamedClipRow): Promise<ClipAnswer['render']> {
  if (clip.render_job === null || !RENDERING.includes(clip.state)) return null
  const job = await jobs.get(clip.render_job)
  if (job === undefined || job.state === 'dead') return null
  const { percent, stored } = progress.safeParse(job.checkpoint).data ?? { percent: 0, stored: [] }
  return {
    job_id: clip.render_job,
    percent: job.state === 'done' ? 100 : percent,
    stored: stored.map(({ name }) => name),
  }
}

function present(
  mediaUrl: URL,
  principal: Principal,
  clip: NamedClipRow,
  files: readonly ClipFileRow[],
  render: ClipAnswer['render'],
): ClipAnswer {
  const { source } = clip
  return {
    id: clip.clip_id,
    stream_id: clip.stream_id,
    creator: { id: clip.creator_id, handle: clip.handle, display_name: clip.display_name },
    yours: ownsClip(principal, clip),
    origin: clip.origin,
    title: clip.title,
    tags: clip.tags,
    state: clip.state,
    reason: clip.reason,
    marquee: clip.marquee,
    publish_when_ready: clip.publish_when_ready,
    start_ms: clip.start_ms,
    end_ms: clip.end_ms,
    duration_ms: source?.duration_ms ?? null,
    missing_ms: source?.missing_ms ?? null,
    width: source?.width ?? null,
    height: source?.height ?? null,
    crop: cropChoice.parse(clip.crop ?? 'follow'),
    presets: clip.presets,
    moments: clip.moments ?? NO_MOMENTS,
    score: clip.score,
    reasons: clip.reasons ?? [],
    playback: source === null ? null : playbackOf(mediaUrl, clip.playback_id, files),
    files: files
      .filter(({ rendition }) => !NOT_OFFERED.has(rendition))
      .map(({ rendition, uri, bytes, width, height, duration_ms }) => ({
        name: rendition,
        url: mediaUrlOf(mediaUrl, uri),
        bytes,
        width,
        height,
        duration_ms,
      })),
    render,
    review_since: clip.review_since,
    published_at: clip.published_at,
    created_at: clip.created_at,
    updated_at: clip.updated_at,
  }
}

/** The link of a clip never changes; the shapes appear with the render. */
function playbackOf(mediaUrl: URL, id: string, files: readonly ClipFileRow[]): ClipPlayback {
  const at = (path: string) => mediaUrlOf(mediaUrl, `play/${id}/${path}`)
  const has = (name: string) => files.some(({ rendition }) => rendition === name)
  return {
    id,
    mp4_url: at(PLAYBACK_PATHS.clip),
    ...(has('vertical') ? { vertical_url: at(PLAYBACK_PATHS.vertical) } : {}),
    ...(has('square') ? { square_url: at(PLAYBACK_PATHS.square) } : {}),
    ...(has('poster') ? { poster_url: at(PLAYBACK_PATHS.poster) } : {}),
    ...(has('storyboard') ? { storyboard_url: at(PLAYBACK_PATHS.storyboard) } : {}),
  }
}
