import { createHash } from 'node:crypto'
import type { z } from '@hono/zod-openapi'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId, isId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { CLIP_MOVES, type ClipState, move } from '#shared/domain/state-machine.ts'
import type { Reader, Transaction } from '#shared/ports/database/database.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { UserPrincipal } from '#shared/service/principal.ts'
import { clipFacts } from './clip-facts.ts'
import { type ClipChanges, getClip, type NamedClipRow, updateClip } from './clip-queries.ts'
import { SOURCE, type ClipsDeps } from './clips-deps.ts'
import { approvalsNeeded } from './needs-review.ts'
import { publishIn } from './publish-clip.ts'
import type { reviewBody } from './review-answer.ts'
import { insertReview, listReviewsOf, type ReviewRow } from './review-queries.ts'
import { rulesOf } from './rules-of.ts'

/** Whether the caller looks after everybody's clips. */
export function reviewsAll({ roles }: UserPrincipal): boolean {
  return roles.includes('moderator') || roles.includes('admin')
}

/**
 * Takes a person's verdict on a clip that waits, and gives the clip as it is then. A rejection ends the wait; so does the
 * last approval, which also publishes the clip where it was to publish itself.
 *
 * Throws `resource.missing` for clips that are not the caller's to review, `state.illegal` for one that does not wait, and
 * `review.not-yours` for a second verdict of one person and, where two people are needed, for who asked for the clip.
 */
export async function reviewClip(
  tx: Transaction,
  deps: Pick<ClipsDeps, 'now' | 'random'>,
  principal: UserPrincipal,
  clipId: string,
  { verdict, reason }: z.output<typeof reviewBody>,
): Promise<NamedClipRow> {
  const clip = await waitingClip(tx, principal, clipId)
  const { rules } = await rulesOf(tx, clip.creator_id)
  const needed = approvalsNeeded(clip, rules)
  const reviews = reviewsOfWait(clip, await tx.read(listReviewsOf([clipId])))
  refuseTwice(clip, principal, reviews, needed)
  const review: ReviewRow = {
    clip_id: clipId,
    review_id: reviewIdOf(clip, principal.id),
    reviewer: principal.id,
    verdict,
    reason: reason ?? null,
    decided_at: rfc3339(deps.now()),
  }
  await tx.write(insertReview(review))
  if (verdict === 'reject') return reject(tx, deps, clip, review)
  const approvals = reviews.filter(each => each.verdict === 'approve').length + 1
  return approvals < needed ? clip : approve(tx, deps, clip, review)
}

/** The verdicts that count: of the present wait, or all when the clip does not wait. */
export function reviewsOfWait({ review_since: since }: NamedClipRow, reviews: readonly ReviewRow[]): ReviewRow[] {
  return reviews.filter(({ decided_at: at }) => since === null || at >= since)
}

async function waitingClip(reader: Reader, principal: UserPrincipal, clipId: string): Promise<NamedClipRow> {
  const [clip] = isId('clip', clipId) ? await reader.read(getClip(clipId)) : []
  const known = clip !== undefined && clip.state !== 'deleted'
  if (!known || (clip.creator_id !== principal.id && !reviewsAll(principal))) {
    throw new Refusal('resource.missing', { detail: 'There is no such clip.' })
  }
  if (clip.state !== 'in_review') {
    throw new Refusal('state.illegal', {
      detail: `The clip is ${clip.state}; only one that is in_review waits for a verdict.`,
      extra: { state: clip.state, legal_moves: CLIP_MOVES[clip.state] },
    })
  }
  return clip
}

function refuseTwice(clip: NamedClipRow, { id }: UserPrincipal, reviews: readonly ReviewRow[], needed: number): void {
  if (reviews.some(({ reviewer }) => reviewer === id)) {
    throw new Refusal('review.not-yours', {
      detail: 'You have given your verdict; another person has to give the next.',
    })
  }
  if (needed > 1 && clip.requested_by === id) {
    throw new Refusal('review.not-yours', {
      detail: `You asked for this clip; ${needed} other people have to look at it.`,
    })
  }
}

async function approve(
  tx: Transaction,
  deps: Pick<ClipsDeps, 'now' | 'random'>,
  clip: NamedClipRow,
  { review_id, reviewer }: ReviewRow,
): Promise<NamedClipRow> {
  const ready = await change(tx, clip, 'ready')
  const data = { ...clipFacts(clip), review_id, reviewer }
  await appendEvent(tx, { source: SOURCE, type: 'clip.approved', subject: clip.clip_id, data }, deps)
  if (!ready.publish_when_ready) return ready
  await publishIn(tx, deps, ready)
  return required(tx, clip.clip_id)
}

async function reject(
  tx: Transaction,
  deps: Pick<ClipsDeps, 'now' | 'random'>,
  clip: NamedClipRow,
  { review_id, reviewer, reason }: ReviewRow,
): Promise<NamedClipRow> {
  const rejected = await change(tx, clip, 'rejected', { reason: 'rejected' })
  const data = { ...clipFacts(clip), review_id, reviewer, reason: reason ?? '' }
  await appendEvent(tx, { source: SOURCE, type: 'clip.rejected', subject: clip.clip_id, data }, deps)
  return rejected
}

async function change(
  tx: Transaction,
  clip: NamedClipRow,
  to: ClipState,
  changes: ClipChanges = {},
): Promise<NamedClipRow> {
  const state = move<ClipState>(CLIP_MOVES, 'clip', clip.state, to)
  const { rows } = await tx.write(updateClip(clip.clip_id, clip.version, { ...changes, state, review_since: null }))
  if (rows.length === 0) throw new Refusal('version.mismatch', { detail: 'The clip was changed meanwhile; try again.' })
  return required(tx, clip.clip_id)
}

async function required(tx: Transaction, clipId: string): Promise<NamedClipRow> {
  const [clip] = await tx.read(getClip(clipId))
  if (clip === undefined) throw new Error('A clip that was just reviewed is not there.')
  return clip
}

/** One verdict a person and wait: the same person's next has the same id. */
function reviewIdOf({ clip_id: clipId, review_since: since }: NamedClipRow, reviewer: string): string {
  return derivedId('review', createHash('sha256').update(`review ${clipId} ${since} ${reviewer}`).digest())
}
