import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { presentStreamKey } from './present-stream-key.ts'
import type { StreamKeyAnswer } from './stream-key-answer.ts'
import { listStreamKeys as listQuery } from './stream-key-queries.ts'

/** Earlier than anything. */
const FROM_OLDEST = '1970-01-01T00:00:00.000Z'

/** The keys of a channel, oldest first; ended ones for a day. */
export async function listStreamKeys(
  deps: ChannelsDeps,
  cursors: PageCursors,
  channel: ChannelRow,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<StreamKeyAnswer>> {
  const scope = `stream-keys ${channel.channel_id}`
  const [time = FROM_OLDEST, id = ''] = cursor === undefined ? [] : cursors.open(cursor, scope).map(String)
  const rows = await deps.database.read(listQuery(channel.creator_id, channel.channel_id, time, id, limit + 1))
  return page(
    rows,
    limit,
    row => presentStreamKey(row, deps.now()),
    row => cursors.seal([row.created_at, row.key_id], scope),
  )
}
