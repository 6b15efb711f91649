import { isId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { Principal } from '#shared/service/principal.ts'
import { getChannel, type ChannelRow } from './channel-queries.ts'

/** Whether the caller may change what belongs to that creator. */
export function owns(principal: Principal, creatorId: string): boolean {
  return principal.kind === 'user' && (principal.id === creatorId || principal.roles.includes('admin'))
}

/** The channel with that id; throws `resource.missing`. */
export async function knownChannel(reader: Reader, channelId: string): Promise<ChannelRow> {
  const [channel] = isId('channel', channelId) ? await reader.read(getChannel(channelId)) : []
  if (channel === undefined) throw new Refusal('resource.missing', { detail: 'There is no such channel.' })
  return channel
}

/** The caller's own channel; a foreign one answers like an unknown one. */
export async function ownChannel(reader: Reader, principal: Principal, channelId: string): Promise<ChannelRow> {
  const channel = await knownChannel(reader, channelId)
  if (!owns(principal, channel.creator_id))
    throw new Refusal('resource.missing', { detail: 'There is no such channel.' })
  return channel
}
