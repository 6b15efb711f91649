import type { Page, PageCursors } from '#shared/service/page-cursor.ts'
import type { FeedItem } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { FIRST_CLIP, FIRST_SHOW } from './feed-places.ts'
import { clipsByRank, showsOnAir, type ClipPlace, type ShowPlace } from './feed-queries.ts'
import { MIX_START, mixFeed, type MixPhase, spreadCreators } from './mix-feed.ts'
import { presentItems } from './present-items.ts'

const SCOPE = 'feed'

type Place = { clip: ClipPlace; show: ShowPlace; phase: MixPhase }

/**
 * Shows on the air and published clips, mixed. The cursor holds the place in both lists and in the pattern, so whatever
 * comes or goes meanwhile, nothing is shown twice and nothing that was there at the first page is left out.
 */
export async function listFeed(
  deps: FeedDeps,
  cursors: PageCursors,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  synthetic: 'with' | 'without' = 'without',
): Promise<Page<FeedItem>> {
  const place = cursor === undefined ? startOfFeed() : openPlace(cursors, cursor)
  const [clips, shows] = await Promise.all([
    deps.database.read(clipsByRank(place.clip, limit + 1)),
    deps.database.read(showsOnAir(place.show, limit + 1)),
  ])
  const mixed = mixFeed(clips, shows, place.phase, limit)
  const keys = mixed.items.map(item =>
    'clip' in item
      ? ({ kind: 'clip', id: item.clip.clip_id } as const)
      : ({ kind: 'stream', id: item.show.stream_id } as const),
  )
  const items = await presentItems(deps.database, deps.settings, keys, synthetic)
  const more = clips.length > mixed.clips || shows.length > mixed.shows
  const next = {
    clip: clips[mixed.clips - 1] ?? place.clip,
    show: shows[mixed.shows - 1] ?? place.show,
    phase: mixed.phase,
  }
  return {
    data: spreadCreators(items, ({ creator }) => creator.id),
    next_cursor: more ? sealPlace(cursors, next) : null,
    has_more: more,
  }
}

function startOfFeed(): Place {
  return { clip: FIRST_CLIP, show: FIRST_SHOW, phase: MIX_START }
}

function sealPlace(cursors: PageCursors, { clip, show, phase }: Place): string {
  const { showsFirst, clipsSince } = phase
  return cursors.seal([clip.feed_rank, clip.clip_id, show.started_at, show.stream_id, showsFirst, clipsSince], SCOPE)
}

function openPlace(cursors: PageCursors, cursor: string): Place {
  const [rank, clipId, startedAt, streamId, showsFirst, clipsSince] = cursors.open(cursor, SCOPE)
  return {
    clip: { feed_rank: Number(rank), clip_id: String(clipId) },
    show: { started_at: String(startedAt), stream_id: String(streamId) },
    phase: { showsFirst: Number(showsFirst), clipsSince: Number(clipsSince) },
  }
}
