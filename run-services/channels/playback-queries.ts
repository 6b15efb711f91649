import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

/** What a playback id stands for. */
export const playbackTarget = namedQuery('playback-id.target', ['play_sample'], (playbackId: string) =>
  tables.selectFrom('playback_ids').select(['target_kind', 'target_id']).where('playback_id', '=', playbackId),
)

/** Whose clip it is. */
export const clipOwner = namedQuery('playback-id.clip-owner', ['clip_sample'], (clipId: string) =>
  tables.selectFrom('clips').select('creator_id').where('clip_id', '=', clipId),
)
