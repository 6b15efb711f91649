import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { named } from './clip-queries.ts'

const CLIP = 'clip_sample'
const STREAM = 'strm_sample'
const TIME = '2026-01-01T00:00:00.000Z'

/** Clips that were asked for before that and never came to play: their process died, or their media is still to come. */
export const listUncut = namedQuery('clip.list-uncut', [TIME, 50], (before: string, limit: number) =>
  named()
    .where('clips.uncut_since', 'is not', null)
    .where('clips.uncut_since', '<', before)
    .orderBy('clips.uncut_since')
    .limit(limit),
)

/** Lets other clips be looked at first; nothing that anybody sees changes. */
export const postponeUncut = namedQuery('clip.postpone-uncut', [CLIP, TIME], (clipId: string, since: string) =>
  tables
    .updateTable('clips')
    .set({ uncut_since: since })
    .where('clip_id', '=', clipId)
    .where('state', '=', 'requested'),
)

/** Clips of a show that do not play yet and end by that place in it (ms), the longest waiting first. */
export const listWaiting = namedQuery(
  'clip.list-waiting',
  [STREAM, 1000, 100],
  (streamId: string, untilMs: number, limit: number) =>
    tables
      .selectFrom('clips')
      .select(['clip_id', 'creator_id'])
      .where('stream_id', '=', streamId)
      .where('uncut_since', 'is not', null)
      .where('end_ms', '<=', untilMs)
      .orderBy('uncut_since')
      .limit(limit),
)
