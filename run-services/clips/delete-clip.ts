import { CLIP_MOVES, type ClipState, move } from '#shared/domain/state-machine.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { Principal } from '#shared/service/principal.ts'
import { clipFacts } from './clip-facts.ts'
import { updateClip } from './clip-queries.ts'
import { SOURCE, type ClipsDeps } from './clips-deps.ts'
import { ownClip } from './own-clip.ts'

/** Ends a clip: nobody sees it any more, and a job removes its files. */
export async function deleteClip(deps: ClipsDeps, principal: Principal, clipId: string): Promise<void> {
  const job = await deps.database.transaction(async tx => {
    const clip = await ownClip(tx, principal, clipId)
    const state = move<ClipState>(CLIP_MOVES, 'clip', clip.state, 'deleted')
    await tx.write(updateClip(clipId, clip.version, { state, feed_rank: null, review_since: null, uncut_since: null }))
    const data = { ...clipFacts(clip), playback_id: clip.playback_id }
    await appendEvent(tx, { source: SOURCE, type: 'clip.deleted', subject: clipId, data }, deps)
    const { creator_id: ownerId } = clip
    return deps.jobs.add(tx, { kind: 'purge-clip', subjectId: clipId, ownerId, recipe: 'purge-1', input: {} })
  })
  await jobWakes(deps.queue, deps.log).send([job])
}
