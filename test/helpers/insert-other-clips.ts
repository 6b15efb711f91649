import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

/** So many published clips of a show, numbered from `from`: what a query must not read more for. */
export const insertOtherClips = namedQuery(
  'test.insert-other-clips',
  ['crtr_sample', 'strm_sample', 0, 1],
  (creatorId: string, streamId: string, from: number, count: number) =>
    tables.insertInto('clips').values(
      Array.from({ length: count }, (_, index) => ({
        clip_id: `clip_${String(from + index).padStart(26, 'a')}`,
        creator_id: creatorId,
        stream_id: streamId,
        playback_id: `play_clip_${from + index}`,
        origin: 'person' as const,
        requested_by: null,
        title: 'Another',
        tags: [],
        start_ms: 0,
        end_ms: 1_000,
        presets: [],
        state: 'published' as const,
        shard: 0,
      })),
    ),
)
