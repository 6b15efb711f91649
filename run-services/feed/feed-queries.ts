import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { overShards } from './over-shards.ts'

const CLIP = 'clip_sample'
const TIME = '2026-01-01T00:00:00.000Z'

export type ClipPlace = { feed_rank: number; clip_id: string }
export type ShowPlace = { started_at: string; stream_id: string }

/**
 * Keys of published clips behind a place, best rank first. The bound on the rank alone is what an index seeks to; the
 * other one tells equals apart.
 */
export const clipsByRank = namedQuery(
  'feed.clips-by-rank',
  [{ feed_rank: 1, clip_id: CLIP }, 21],
  ({ feed_rank, clip_id }: ClipPlace, limit: number) => {
    const ranges = overShards(shard =>
      tables
        .selectFrom(
          tables
            .selectFrom('clips')
            .select(['clip_id', 'feed_rank'])
            .where('shard', '=', shard)
            .where('feed_rank', 'is not', null)
            .where('feed_rank', '<=', feed_rank)
            .where(eb => eb.or([eb('feed_rank', '<', feed_rank), eb('clip_id', '<', clip_id)]))
            .orderBy('feed_rank', 'desc')
            .orderBy('clip_id', 'desc')
            .limit(limit)
            .as('range'),
        )
        .selectAll(),
    )
    return tables
      .selectFrom(ranges.as('ranges'))
      .selectAll()
      .$narrowType<{ feed_rank: number }>()
      .orderBy('feed_rank', 'desc')
      .orderBy('clip_id', 'desc')
      .limit(limit)
  },
)

/** Shows on the air behind a place, the newest first. */
export const showsOnAir = namedQuery(
  'feed.shows-on-air',
  [{ started_at: TIME, stream_id: 'strm_sample' }, 21],
  ({ started_at, stream_id }: ShowPlace, limit: number) => {
    const ranges = overShards(shard =>
      tables
        .selectFrom(
          tables
            .selectFrom('streams')
            .select(['stream_id', 'started_at', 'title'])
            .where('live_shard', '=', shard)
            .where('live_shard', 'is not', null)
            .where('state', '=', 'live')
            .where('started_at', '<=', started_at)
            .where(eb => eb.or([eb('started_at', '<', started_at), eb('stream_id', '<', stream_id)]))
            .orderBy('started_at', 'desc')
            .orderBy('stream_id', 'desc')
            .limit(limit)
            .as('range'),
        )
        .selectAll(),
    )
    return tables
      .selectFrom(ranges.as('ranges'))
      .selectAll()
      .$narrowType<{ started_at: string }>()
      .orderBy('started_at', 'desc')
      .orderBy('stream_id', 'desc')
      .limit(limit)
  },
)

/** Published clips of those ids with their creators, in no order; others are left out. */
export const presentClips = namedQuery('feed.present-clips', [[CLIP]], (clipIds: readonly string[]) =>
  tables
    .selectFrom('clips')
    .innerJoin('creators', 'creators.creator_id', 'clips.creator_id')
    .innerJoin('streams', 'streams.stream_id', 'clips.stream_id')
    .select([
      'clips.clip_id',
      'clips.creator_id',
      'clips.stream_id',
      'clips.playback_id',
      'clips.title',
      'clips.tags',
      'clips.start_ms',
      'clips.end_ms',
      'clips.source',
      'clips.reasons',
      'clips.published_at',
      'clips.feed_rank',
      'clips.shard',
      'creators.handle',
      'creators.display_name',
      'streams.title as show_title',
    ])
    .where('clips.clip_id', 'in', orNone(clipIds))
    .where('clips.feed_rank', 'is not', null),
)

/** Which shapes of those clips are stored. */
export const shapesOf = namedQuery(
  'feed.shapes-of',
  [[CLIP], ['vertical']],
  (clipIds: readonly string[], names: readonly string[]) =>
    tables
      .selectFrom('clip_renditions')
      .select(['clip_id', 'rendition'])
      .where('clip_id', 'in', orNone(clipIds))
      .where('rendition', 'in', [...names]),
)

/** Shows of those ids with their creators, in no order. */
export const presentShows = namedQuery('feed.present-shows', [['strm_sample']], (streamIds: readonly string[]) =>
  tables
    .selectFrom('streams')
    .innerJoin('creators', 'creators.creator_id', 'streams.creator_id')
    .select([
      'streams.stream_id',
      'streams.creator_id',
      'streams.provider_stream_id',
      'streams.title',
      'streams.state',
      'streams.started_at',
      'streams.created_at',
      'creators.handle',
      'creators.display_name',
    ])
    .where('streams.stream_id', 'in', orNone(streamIds)),
)

/** How often each was shared. */
export const sharesOf = namedQuery('feed.shares-of', [[CLIP]], (targetIds: readonly string[]) =>
  tables.selectFrom('share_counts').select(['target_id', 'shares']).where('target_id', 'in', orNone(targetIds)),
)

/** An empty list is not SQL. */
function orNone(ids: readonly string[]): string[] {
  return ids.length === 0 ? [''] : [...ids]
}
