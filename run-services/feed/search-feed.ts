import type { z } from '@hono/zod-openapi'
import type { CursorValues, Page, PageCursors } from '#shared/service/page-cursor.ts'
import type { FeedItem, searchQuery } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { FIRST_SHOW, FIRST_TERM } from './feed-places.ts'
import { showsOnAir } from './feed-queries.ts'
import { pageOfWalk, startOfWalk } from './page-of-walk.ts'
import { clipsByTerm, heldTerms } from './search-queries.ts'
import { foldText, holdsWords, queryTerms } from './search-words.ts'
import type { StepSource } from './walk-sources.ts'

type Query = z.output<typeof searchQuery> & { limit: number; cursor?: string | undefined }

/**
 * Shows on the air whose title holds every word, then the clips found by every word: by what the most telling word is
 * worth where it stands, then by place in the feed.
 */
export async function searchFeed(deps: FeedDeps, cursors: PageCursors, query: Query): Promise<Page<FeedItem>> {
  const { q, kind, limit, cursor } = query
  const terms = queryTerms(q)
  const scope = `search ${kind} ${foldText(q)}`
  const sources = [
    ...(kind === 'clip' || terms.length === 0 ? [] : [showsByTitle(deps, q)]),
    ...(kind === 'stream' || terms.length === 0 ? [] : [clipsByTerms(deps, terms)]),
  ]
  return pageOfWalk(deps, sources, { cursors, scope, limit, start: startOfWalk(cursors, scope, cursor) })
}

function showsByTitle({ database }: FeedDeps, q: string): StepSource {
  return async (after, count) => {
    const shows = await database.read(showsOnAir(showPlace(after), count))
    return shows.map(({ stream_id, started_at, title }) => ({
      place: [started_at, stream_id],
      ...(holdsWords(title, q) ? { key: { kind: 'stream' as const, id: stream_id } } : {}),
    }))
  }
}

function showPlace(after: CursorValues | undefined) {
  if (after === undefined) return FIRST_SHOW
  const [startedAt, streamId] = after
  return { started_at: String(startedAt), stream_id: String(streamId) }
}

/** Clips along their first term, of which those with all the others match. */
function clipsByTerms({ database }: FeedDeps, [first = '', ...others]: readonly string[]): StepSource {
  return async (after, count) => {
    const place = after === undefined ? FIRST_TERM : { rank: Number(after[0]), clip_id: String(after[1]) }
    const rows = await database.read(clipsByTerm(first, place, count))
    const ids = rows.map(row => row.clip_id)
    const held = others.length === 0 || ids.length === 0 ? [] : await database.read(heldTerms(ids, others))
    const counts = new Map<string, number>()
    for (const { clip_id } of held) counts.set(clip_id, (counts.get(clip_id) ?? 0) + 1)
    return rows.map(({ clip_id, rank }) => ({
      place: [rank, clip_id],
      ...((counts.get(clip_id) ?? 0) === others.length ? { key: { kind: 'clip' as const, id: clip_id } } : {}),
    }))
  }
}
