import type { Reader } from '#shared/ports/database/database.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { NamedClipRow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { approvalsNeeded } from './needs-review.ts'
import { presentClips } from './present-clip.ts'
import type { QueuedClip } from './review-answer.ts'
import { reviewsOfWait } from './review-clip.ts'
import { listReviewsOf } from './review-queries.ts'
import { rulesOf } from './rules-of.ts'

/** Clips with the verdicts on them and how many they need, as the API answers them. */
export async function presentQueued(
  deps: Pick<ClipsDeps, 'jobs' | 'settings'> & { database: Reader },
  principal: Principal,
  clips: readonly NamedClipRow[],
): Promise<QueuedClip[]> {
  const { database } = deps
  const reviews = await database.read(listReviewsOf(clips.map(({ clip_id: id }) => id)))
  const byClip = Map.groupBy(reviews, ({ clip_id: id }) => id)
  const creators = [...new Set(clips.map(({ creator_id: id }) => id))]
  const rules = new Map(await Promise.all(creators.map(async id => [id, (await rulesOf(database, id)).rules] as const)))
  const answers = await presentClips(deps, principal, clips)
  return clips.flatMap((row, index) => {
    const clip = answers[index]
    const own = rules.get(row.creator_id)
    if (clip === undefined || own === undefined) return []
    return {
      clip,
      reviews: reviewsOfWait(row, byClip.get(row.clip_id) ?? []).map(
        ({ review_id: id, reviewer, verdict, reason, decided_at }) => ({
          id,
          reviewer,
          verdict,
          reason,
          decided_at,
        }),
      ),
      approvals_needed: approvalsNeeded(row, own),
    }
  })
}
