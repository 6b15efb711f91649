import type { EventOf } from '#shared/domain/domain-event.ts'
import { firstTime } from '#shared/service/inbox.ts'
import { getClip, updateClip } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'

const CONSUMER = 'clips--jobs'
const OF_A_RENDER: readonly string[] = ['render-clip', 'promote-clip']

/** A render that was given up leaves the instant cut playing, and says so; a retry of the job begins it again. */
export async function onJobDead(deps: ClipsDeps, event: EventOf<'job.dead'>): Promise<void> {
  if (!OF_A_RENDER.includes(event.data.kind)) return
  await deps.database.transaction(async tx => {
    if (!(await firstTime(tx, event.id, CONSUMER))) return
    const [clip] = await tx.read(getClip(event.data.subject_id))
    const own = event.data.kind === 'promote-clip' || clip?.render_job === event.data.job_id
    if (clip === undefined || !own || (clip.state !== 'rendering' && clip.state !== 'playable')) return
    await tx.write(updateClip(clip.clip_id, clip.version, { state: 'playable', reason: 'render-failed' }))
  })
}
