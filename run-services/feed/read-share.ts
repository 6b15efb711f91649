import type { Reader } from '#shared/ports/database/database.ts'
import type { ShareAnswer } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { missingItem } from './missing-item.ts'
import { creatorOfShow, kinshipOf } from './related-queries.ts'
import { getShareRow } from './share-queries.ts'

/** What a link leads to. */
export type ShareTarget = { kind: 'clip' | 'stream'; id: string; creatorId: string; streamId: string }

/** The link as the API answers it; a link to what is not public any more answers 404. */
export async function readShare(reader: Reader, settings: FeedDeps['settings'], shareId: string): Promise<ShareAnswer> {
  const [row] = await reader.read(getShareRow(shareId))
  if (row === undefined) throw missingItem()
  const target = await publicTarget(reader, row.target_kind, row.target_id)
  return {
    id: row.share_id,
    url: new URL(`/s/${row.share_id}`, settings.publicUrl).href,
    clip_id: target.kind === 'clip' ? target.id : null,
    stream_id: target.streamId,
    at_ms: row.at_ms,
    visits: row.visits,
  }
}

/** The published clip or the show of that id; throws `resource.missing`. */
export async function publicTarget(reader: Reader, kind: ShareTarget['kind'], id: string): Promise<ShareTarget> {
  if (kind === 'clip') {
    const [clip] = await reader.read(kinshipOf([id]))
    if (clip === undefined || clip.feed_rank === null) throw missingItem()
    return { kind, id, creatorId: clip.creator_id, streamId: clip.stream_id }
  }
  const [show] = await reader.read(creatorOfShow(id))
  if (show === undefined) throw missingItem()
  return { kind, id, creatorId: show.creator_id, streamId: show.stream_id }
}
