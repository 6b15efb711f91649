import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

const CLIP = 'clip_sample'
const TIME = '2026-01-01T00:00:00.000Z'

export type MadePlace = { created_at: string; clip_id: string }

/** Clips of one show behind a place, the newest first, published or not: what is read stays bounded by `limit`. */
export const clipsOfShow = namedQuery(
  'related.clips-of-show',
  ['strm_sample', { created_at: TIME, clip_id: CLIP }, 60],
  (streamId: string, place: MadePlace, limit: number) => made(place, limit).where('stream_id', '=', streamId),
)

/** Clips of one creator behind a place, the newest first, published or not. */
export const clipsOfCreator = namedQuery(
  'related.clips-of-creator',
  ['crtr_sample', { created_at: TIME, clip_id: CLIP }, 60],
  (creatorId: string, place: MadePlace, limit: number) => made(place, limit).where('creator_id', '=', creatorId),
)

/** What makes clips alike, of those ids. */
export const kinshipOf = namedQuery('related.kinship-of', [[CLIP]], (clipIds: readonly string[]) =>
  kinship().where('clip_id', 'in', clipIds.length === 0 ? [''] : [...clipIds]),
)

/** The show's creator. */
export const creatorOfShow = namedQuery('related.creator-of-show', ['strm_sample'], (streamId: string) =>
  tables.selectFrom('streams').select(['stream_id', 'creator_id']).where('stream_id', '=', streamId),
)

function made({ created_at, clip_id }: MadePlace, limit: number) {
  return kinship()
    .where('created_at', '<=', created_at)
    .where(eb => eb.or([eb('created_at', '<', created_at), eb('clip_id', '<', clip_id)]))
    .orderBy('created_at', 'desc')
    .orderBy('clip_id', 'desc')
    .limit(limit)
}

function kinship() {
  return tables.selectFrom('clips').select(['clip_id', 'stream_id', 'creator_id', 'tags', 'feed_rank', 'created_at'])
}
