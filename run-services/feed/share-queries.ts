import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type ShareRow = Selectable<Tables['shares']>

const SHARE = 'shar_sample'
const CLIP = 'clip_sample'

type NewShare = {
  share_id: string
  target_kind: 'clip' | 'stream'
  target_id: string
  at_ms: number | null
  shared_by: string
  created_at: string
}

export const getShareRow = namedQuery('share.get', [SHARE], (shareId: string) =>
  tables.selectFrom('shares').selectAll().where('share_id', '=', shareId),
)

/** Gives the row only when it was not there yet. */
export const insertShare = namedQuery(
  'share.insert',
  [
    {
      share_id: SHARE,
      target_kind: 'clip',
      target_id: CLIP,
      at_ms: 0,
      shared_by: 'crtr_sample',
      created_at: '2026-01-01T00:00:00.000Z',
    },
  ],
  (share: NewShare) =>
    tables
      .insertInto('shares')
      .values(share)
      .onConflict(conflict => conflict.columns(['share_id']).doNothing())
      .returning('share_id'),
)

export const countVisit = namedQuery('share.count-visit', [SHARE], (shareId: string) =>
  tables
    .updateTable('shares')
    .set(eb => ({ visits: eb('visits', '+', 1) }))
    .where('share_id', '=', shareId),
)

export const raiseShares = namedQuery('share.raise-count', [CLIP, 0], (targetId: string, shard: number) =>
  tables
    .updateTable('share_counts')
    .set(eb => ({ shares: eb('shares', '+', 1) }))
    .where('target_id', '=', targetId)
    .where('shard', '=', shard)
    .returning('shares'),
)

export const beginShares = namedQuery('share.begin-count', [CLIP, 0], (targetId: string, shard: number) =>
  tables
    .insertInto('share_counts')
    .values({ target_id: targetId, shard, shares: 1 })
    .onConflict(conflict => conflict.columns(['target_id', 'shard']).doNothing())
    .returning('shares'),
)
