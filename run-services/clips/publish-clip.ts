import { rfc3339 } from '#shared/domain/clock.ts'
import { feedRank } from '#shared/domain/feed-rank.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { CLIP_MOVES, type ClipState, move } from '#shared/domain/state-machine.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { Principal } from '#shared/service/principal.ts'
import { clipFacts } from './clip-facts.ts'
import { type NamedClipRow, updateClip } from './clip-queries.ts'
import { SOURCE, type ClipsDeps } from './clips-deps.ts'
import { ownClip } from './own-clip.ts'

/** States in which a clip that needs a person has not been approved. */
const UNAPPROVED: readonly ClipState[] = ['requested', 'playable', 'rendering', 'in_review', 'rejected']

/** Puts the clip into the feed, where its place is fixed. Throws `clip.not-approved` while it waits for a person. */
export async function publishIn(
  tx: Transaction,
  deps: Pick<ClipsDeps, 'now' | 'random'>,
  clip: NamedClipRow,
): Promise<void> {
  if (clip.state === 'published') return
  if (clip.needs_review && UNAPPROVED.includes(clip.state)) {
    throw new Refusal('clip.not-approved', {
      detail: 'It is shown to others when somebody has approved it in the review queue.',
      extra: { state: clip.state },
    })
  }
  const state = move<ClipState>(CLIP_MOVES, 'clip', clip.state, 'published')
  const atMs = deps.now()
  const rank = feedRank(atMs, clip.score)
  const at = rfc3339(atMs)
  await write(tx, clip, { state, published_at: at, feed_rank: rank, review_since: null })
  const { title, tags, playback_id } = clip
  const data = { ...clipFacts(clip), title, tags, playback_id, published_at: at, feed_rank: rank }
  await appendEvent(tx, { source: SOURCE, type: 'clip.published', subject: clip.clip_id, data }, deps)
}

export function publishClip(deps: ClipsDeps, principal: Principal, clipId: string): Promise<void> {
  return deps.database.transaction(async tx => publishIn(tx, deps, await ownClip(tx, principal, clipId)))
}

/** Takes the clip out of the feed; its link still plays. */
export function unpublishClip(deps: ClipsDeps, principal: Principal, clipId: string): Promise<void> {
  return deps.database.transaction(async tx => {
    const clip = await ownClip(tx, principal, clipId)
    if (clip.state === 'unpublished') return
    const state = move<ClipState>(CLIP_MOVES, 'clip', clip.state, 'unpublished')
    await write(tx, clip, { state, feed_rank: null })
    const data = clipFacts(clip)
    await appendEvent(tx, { source: SOURCE, type: 'clip.unpublished', subject: clipId, data }, deps)
  })
}

async function write(tx: Transaction, clip: NamedClipRow, changes: Parameters<typeof updateClip>[2]): Promise<void> {
  const { rows } = await tx.write(updateClip(clip.clip_id, clip.version, changes))
  if (rows.length === 0) throw new Refusal('version.mismatch', { detail: 'The clip was changed meanwhile; try again.' })
}
