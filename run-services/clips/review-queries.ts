import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type ReviewRow = Selectable<Tables['clip_reviews']>

const CLIP = 'clip_sample'
const CREATOR = 'crtr_sample'
const TIME = '2026-01-01T00:00:00.000Z'

/** Clips of one range that wait for a person, longest waiting first, from after that place on. */
export const listWaitingShard = namedQuery(
  'review.list-waiting-shard',
  [0, TIME, CLIP, 21],
  (shard: number, afterTime: string, afterId: string, limit: number) =>
    waiting(afterTime, afterId, limit).where('clips.shard', '=', shard),
)

/** The same of one creator's shows. */
export const listWaitingOf = namedQuery(
  'review.list-waiting-of',
  [CREATOR, TIME, CLIP, 21],
  (creatorId: string, afterTime: string, afterId: string, limit: number) =>
    waiting(afterTime, afterId, limit).where('clips.creator_id', '=', creatorId),
)

function waiting(afterTime: string, afterId: string, limit: number) {
  return tables
    .selectFrom('clips')
    .innerJoin('creators', 'creators.creator_id', 'clips.creator_id')
    .selectAll('clips')
    .select(['creators.handle', 'creators.display_name'])
    .where('clips.review_since', 'is not', null)
    .where(eb =>
      eb.or([
        eb('clips.review_since', '>', afterTime),
        eb.and([eb('clips.review_since', '=', afterTime), eb('clips.clip_id', '>', afterId)]),
      ]),
    )
    .orderBy('clips.review_since')
    .orderBy('clips.clip_id')
    .limit(limit)
}

/** Verdicts on several clips, oldest first. */
export const listReviewsOf = namedQuery('review.list-of', [[CLIP]], (clipIds: readonly string[]) =>
  tables
    .selectFrom('clip_reviews')
    .selectAll()
    .where('clip_id', 'in', clipIds.length === 0 ? [''] : [...clipIds])
    .orderBy('decided_at')
    .orderBy('review_id'),
)

export const insertReview = namedQuery(
  'review.insert',
  [
    {
      clip_id: CLIP,
      review_id: 'revw_sample',
      reviewer: CREATOR,
      verdict: 'approve',
      reason: null,
      decided_at: TIME,
    },
  ],
  (review: ReviewRow) => tables.insertInto('clip_reviews').values(review),
)
