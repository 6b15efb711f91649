import { isId } from '#shared/domain/id.ts'
import type { MediaFacts } from '#shared/domain/provider-event.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { presentStream } from './present-stream.ts'
import type { StreamAnswer } from './stream-answer.ts'
import { listSessions, presentStream as presentQuery } from './stream-queries.ts'

/** Connections looked at for what the publisher sends. */
const SESSIONS_LOOKED_AT = 3

/** One show with what its publisher sends; throws `resource.missing`. */
export async function getStream(deps: ChannelsDeps, streamId: string): Promise<StreamAnswer> {
  const [row] = isId('stream', streamId) ? await deps.database.read(presentQuery(streamId)) : []
  if (row === undefined) throw new Refusal('resource.missing', { detail: 'There is no such stream.' })
  return presentStream(deps, row, await mediaOf(deps.database, streamId))
}

/** What the newest publisher of a show that said so sends. */
export async function mediaOf(reader: Reader, streamId: string): Promise<MediaFacts | null> {
  const sessions = await reader.read(listSessions(streamId, SESSIONS_LOOKED_AT))
  return sessions.find(({ media }) => media !== null)?.media ?? null
}
