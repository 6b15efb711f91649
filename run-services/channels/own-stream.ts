import { isId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { Principal } from '#shared/service/principal.ts'
import { owns } from './own-channel.ts'
import { getStream, type StreamRow } from './stream-queries.ts'

/** The show with that id; throws `resource.missing`. */
export async function knownStream(reader: Reader, streamId: string): Promise<StreamRow> {
  const [stream] = isId('stream', streamId) ? await reader.read(getStream(streamId)) : []
  if (stream === undefined) throw new Refusal('resource.missing', { detail: 'There is no such stream.' })
  return stream
}

/** The caller's own show; a foreign one answers like an unknown one. */
export async function ownStream(reader: Reader, principal: Principal, streamId: string): Promise<StreamRow> {
  const stream = await knownStream(reader, streamId)
  if (!owns(principal, stream.creator_id)) throw new Refusal('resource.missing', { detail: 'There is no such stream.' })
  return stream
}
