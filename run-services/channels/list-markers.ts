import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { listMarkers as listQuery } from './marker-queries.ts'
import { knownStream } from './own-stream.ts'
import { presentMarker } from './present-marker.ts'
import type { MarkerAnswer } from './stream-answer.ts'

/** The markers of a show by their place in it. */
export async function listMarkers(
  deps: ChannelsDeps,
  cursors: PageCursors,
  streamId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<MarkerAnswer>> {
  await knownStream(deps.database, streamId)
  const scope = `markers ${streamId}`
  const [afterMs = -1, afterId = ''] = cursor === undefined ? [] : cursors.open(cursor, scope)
  const rows = await deps.database.read(listQuery(streamId, Number(afterMs), String(afterId), limit + 1))
  return page(rows, limit, presentMarker, row => cursors.seal([row.at_ms, row.marker_id], scope))
}
