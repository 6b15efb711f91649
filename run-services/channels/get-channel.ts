import type { Principal } from '#shared/service/principal.ts'
import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import type { ChannelAnswer } from './channel-answer.ts'
import { listChannels as listQuery, type ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { userOf } from './creator-of.ts'
import { owns } from './own-channel.ts'
import { presentChannel } from './present-channel.ts'
import { openStreamsOf } from './stream-queries.ts'

/** A channel as this caller may see it. */
export async function getChannel(
  deps: ChannelsDeps,
  principal: Principal,
  channel: ChannelRow,
): Promise<ChannelAnswer> {
  const [open] = await deps.database.read(openStreamsOf([channel.channel_id]))
  return presentChannel(deps, channel, open?.stream_id, owns(principal, channel.creator_id))
}

/** The caller's channels, oldest first. */
export async function listChannels(
  deps: ChannelsDeps,
  cursors: PageCursors,
  principal: Principal,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ChannelAnswer>> {
  const { id: creatorId } = userOf(principal)
  const scope = `channels ${creatorId}`
  const [time = FROM_OLDEST, id = ''] = cursor === undefined ? [] : cursors.open(cursor, scope).map(String)
  const rows = await deps.database.read(listQuery(creatorId, time, id, limit + 1))
  const open = await deps.database.read(openStreamsOf(rows.map(row => row.channel_id)))
  const streamOf = new Map(open.map(stream => [stream.live_channel_id, stream.stream_id]))
  const cursorOf = (row: ChannelRow) => cursors.seal([row.created_at, row.channel_id], scope)
  const shown = page(rows, limit, row => row, cursorOf)
  const present = async (row: ChannelRow) => await presentChannel(deps, row, streamOf.get(row.channel_id), true)
  return { ...shown, data: await Promise.all(shown.data.map(present)) }
}

/** Earlier than anything. */
const FROM_OLDEST = '1970-01-01T00:00:00.000Z'
