import { parseEvent } from '#shared/domain/domain-event.ts'
import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import { SOURCE, type ChannelsDeps } from './channels-deps.ts'
import { knownStream } from './own-stream.ts'
import type { TimelineItem } from './stream-answer.ts'
import { listEvents } from './timeline-queries.ts'

/** What happened to a show, oldest first, as the world was told; kept for seven days. */
export async function streamTimeline(
  deps: ChannelsDeps,
  cursors: PageCursors,
  streamId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<TimelineItem>> {
  const { started_at: startedAt } = await knownStream(deps.database, streamId)
  const scope = `timeline ${streamId}`
  const [after = 0] = cursor === undefined ? [] : cursors.open(cursor, scope).map(Number)
  const rows = await deps.database.read(listEvents(SOURCE, streamId, after, limit + 1))
  return page(
    rows,
    limit,
    row => present(row.payload, startedAt),
    row => cursors.seal([row.seq], scope),
  )
}

function present(payload: unknown, startedAt: string | null): TimelineItem {
  const event = parseEvent(payload)
  const at = event.mediatime ?? event.time
  return {
    id: event.id,
    type: event.type,
    time: event.time,
    sequence: event.sequence,
    epoch: event.epoch ?? null,
    at_ms: startedAt === null ? null : Date.parse(at) - Date.parse(startedAt),
    data: event.data,
  }
}
