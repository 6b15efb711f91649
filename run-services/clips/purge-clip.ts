import { rfc3339 } from '#shared/domain/clock.ts'
import type { Job } from '#shared/service/job-store.ts'
import type { TaskContext, TaskOutcome } from '#shared/service/task-routes.ts'
import { clipPrefix } from './clip-media.ts'
import { deleteClipPlayback, deleteFiles, getClip, updateClip } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { deletePrefix } from './delete-prefix.ts'

/** Removes the files of a deleted clip, then what its rows say of them; the row itself goes with its time. */
export async function purgeClip(deps: ClipsDeps, job: Job, { signal }: TaskContext): Promise<TaskOutcome> {
  const [clip] = await deps.database.read(getClip(job.subjectId))
  if (clip?.state !== 'deleted') return { result: { deleted: 0 } }
  const deleted = await deletePrefix(deps.store, clipPrefix(clip.playback_id), signal)
  return {
    result: { deleted },
    effects: async tx => {
      const [current] = await tx.read(getClip(job.subjectId))
      if (current?.state !== 'deleted') return
      await tx.write(deleteFiles(current.clip_id))
      await tx.write(deleteClipPlayback(current.playback_id))
      await tx.write(updateClip(current.clip_id, current.version, { purge_at: rfc3339(deps.now()) }))
    },
  }
}
