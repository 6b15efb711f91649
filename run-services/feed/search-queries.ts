import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { overShards } from './over-shards.ts'

const CLIP = 'clip_sample'
const TERM = 'goal'

export type TermPlace = { rank: number; clip_id: string }
export type TermRow = { term: string; shard: number; clip_id: string; rank: number }

/** Clips that have a term, behind a place: the best match first, and the best place in the feed among equals. */
export const clipsByTerm = namedQuery(
  'search.clips-by-term',
  [TERM, { rank: 1, clip_id: CLIP }, 21],
  (term: string, { rank, clip_id }: TermPlace, limit: number) => {
    const ranges = overShards(shard =>
      tables
        .selectFrom(
          tables
            .selectFrom('search_terms')
            .select(['clip_id', 'rank'])
            .where('term', '=', term)
            .where('shard', '=', shard)
            .where('rank', '<=', rank)
            .where(eb => eb.or([eb('rank', '<', rank), eb('clip_id', '<', clip_id)]))
            .orderBy('rank', 'desc')
            .orderBy('clip_id', 'desc')
            .limit(limit)
            .as('range'),
        )
        .selectAll(),
    )
    return tables
      .selectFrom(ranges.as('ranges'))
      .selectAll()
      .orderBy('rank', 'desc')
      .orderBy('clip_id', 'desc')
      .limit(limit)
  },
)

/** Which of those clips have which of those terms. */
export const heldTerms = namedQuery(
  'search.held-terms',
  [[CLIP], [TERM]],
  (clipIds: readonly string[], terms: readonly string[]) =>
    tables
      .selectFrom('search_terms')
      .select(['clip_id', 'term'])
      .where('clip_id', 'in', [...clipIds])
      .where('term', 'in', [...terms]),
)

export const deleteTerms = namedQuery('search.delete-terms', [CLIP], (clipId: string) =>
  tables.deleteFrom('search_terms').where('clip_id', '=', clipId),
)

export const insertTerms = namedQuery(
  'search.insert-terms',
  [[{ term: TERM, shard: 0, clip_id: CLIP, rank: 1 }]],
  (rows: readonly TermRow[]) => tables.insertInto('search_terms').values(rows),
)
