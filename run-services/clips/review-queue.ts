import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import type { UserPrincipal } from '#shared/service/principal.ts'
import type { NamedClipRow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { CLIP_SHARDS } from './make-clip.ts'
import { presentQueued } from './present-queued.ts'
import type { QueuedClip } from './review-answer.ts'
import { listWaitingOf, listWaitingShard } from './review-queries.ts'
import { reviewsAll } from './review-clip.ts'

/** Before any clip. */
const FROM_OLDEST = '1970-01-01T00:00:00.000Z'

/** Clips that wait for a person: of the caller's own shows, of all for those who moderate. */
export async function reviewQueue(
  deps: ClipsDeps,
  cursors: PageCursors,
  principal: UserPrincipal,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<QueuedClip>> {
  const creatorId = reviewsAll(principal) ? undefined : principal.id
  const scope = `review-queue ${creatorId ?? 'all'}`
  const [time = FROM_OLDEST, id = ''] = cursor === undefined ? [] : cursors.open(cursor, scope).map(String)
  const rows = await waitingRows(deps, creatorId, { time, id, limit: limit + 1 })
  const cursorOf = (row: NamedClipRow) => cursors.seal([row.review_since ?? '', row.clip_id], scope)
  const shown = page(rows, limit, row => row, cursorOf)
  return { ...shown, data: await presentQueued(deps, principal, shown.data) }
}

type Place = { time: string; id: string; limit: number }

async function waitingRows(
  { database }: ClipsDeps,
  creatorId: string | undefined,
  { time, id, limit }: Place,
): Promise<NamedClipRow[]> {
  if (creatorId !== undefined) return database.read(listWaitingOf(creatorId, time, id, limit))
  const shards = Array.from({ length: CLIP_SHARDS }, (_, shard) => shard)
  const ranges = await Promise.all(shards.map(shard => database.read(listWaitingShard(shard, time, id, limit))))
  return ranges
    .flat()
    .sort((a, b) => ascending(a.review_since ?? '', b.review_since ?? '') || ascending(a.clip_id, b.clip_id))
    .slice(0, limit)
}

function ascending(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
