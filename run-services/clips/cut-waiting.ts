import { Refusal } from '#shared/domain/refusal.ts'
import type { Job, JobDraft } from '#shared/service/job-store.ts'
import type { TaskOutcome } from '#shared/service/task-routes.ts'
import { getClip } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { type Cutting, cutClipRow } from './make-clip.ts'
import { sourceOf } from './source-of.ts'
import { isMediaComing } from './is-media-coming.ts'

/** Recipe of the cut; a change here cuts anew under new job ids. */
const CUT_RECIPE = 'cut-1'

/** The job that cuts a clip which waited for the segment that the event tells of. */
export function cutDraft(clip: { clip_id: string; creator_id: string }, eventId: string): JobDraft {
  return {
    kind: 'cut-clip',
    subjectId: clip.clip_id,
    ownerId: clip.creator_id,
    recipe: `${CUT_RECIPE} ${eventId}`,
    input: {},
  }
}

/**
 * Cuts a clip whose media has come. One that plays already, or of which something is still to come after all, is left as
 * it is; one of which nothing is left has failed.
 */
export async function cutWaiting(deps: ClipsDeps, cutting: Cutting, job: Job): Promise<TaskOutcome> {
  const [clip] = await deps.database.read(getClip(job.subjectId))
  if (clip?.state !== 'requested') return { result: { cut: false } }
  const stream = await sourceOf(deps, clip)
  if (await isMediaComing(deps, stream, { startMs: clip.start_ms, endMs: clip.end_ms }))
    return { result: { cut: false } }
  try {
    const { state } = await cutClipRow(deps, cutting, clip, stream)
    return { result: { cut: state === 'playable' } }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'clip.no-media') return { result: { cut: false } }
    throw error
  }
}
