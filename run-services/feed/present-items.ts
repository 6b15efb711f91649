import { isSynthetic } from '#shared/domain/canary.ts'
import { mediaUrlOf, PLAYBACK_PATHS } from '#shared/domain/playback-paths.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { Statement } from '#shared/ports/database/named-query.ts'
import type { FeedItem } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { presentClips, presentShows, shapesOf, sharesOf } from './feed-queries.ts'

type RowOf<Query> = Query extends (...args: never[]) => Statement<infer Row> ? Row : never
export type FeedClipRow = RowOf<typeof presentClips>
type FeedShowRow = RowOf<typeof presentShows>

/** Shapes of a clip that the feed names; the others are for whoever downloads it. */
const FEED_SHAPES = ['vertical', 'poster']

/** What is to be shown, by kind and id. */
export type ItemKey = { kind: 'clip' | 'stream'; id: string }

/**
 * The items as the API answers them, in the order of their keys. What has been unpublished, deleted or has ended since
 * the keys were read is left out, and what is synthetic unless it is asked for.
 */
export async function presentItems(
  reader: Reader,
  settings: FeedDeps['settings'],
  keys: readonly ItemKey[],
  synthetic: 'with' | 'without' = 'without',
): Promise<FeedItem[]> {
  const clipIds = keys.filter(({ kind }) => kind === 'clip').map(({ id }) => id)
  const showIds = keys.filter(({ kind }) => kind === 'stream').map(({ id }) => id)
  const [clips, shapes, shows, counts] = await Promise.all([
    clipIds.length === 0 ? [] : reader.read(presentClips(clipIds)),
    clipIds.length === 0 ? [] : reader.read(shapesOf(clipIds, FEED_SHAPES)),
    showIds.length === 0 ? [] : reader.read(presentShows(showIds)),
    keys.length === 0 ? [] : reader.read(sharesOf([...clipIds, ...showIds])),
  ])
  const shares = new Map<string, number>()
  for (const { target_id, shares: more } of counts) shares.set(target_id, (shares.get(target_id) ?? 0) + more)
  const stored = new Set(shapes.map(({ clip_id, rendition }) => `${clip_id} ${rendition}`))
  const items = new Map<string, FeedItem>()
  const isShown = (row: { creator_id: string }) => synthetic === 'with' || !isSynthetic(row.creator_id)
  for (const row of clips.filter(isShown)) {
    items.set(row.clip_id, presentClip(row, settings.mediaUrl, stored, shares.get(row.clip_id) ?? 0))
  }
  for (const row of shows.filter(isShown)) {
    if (row.state === 'live') {
      items.set(row.stream_id, presentShow(row, settings.mediaUrl, shares.get(row.stream_id) ?? 0))
    }
  }
  return keys.flatMap(({ id }) => items.get(id) ?? [])
}

function presentClip(row: FeedClipRow, mediaUrl: URL, stored: ReadonlySet<string>, shares: number): FeedItem {
  const at = (file: string) => mediaAt(mediaUrl, 'play', row.playback_id, file)
  const rank = row.feed_rank ?? 0
  const publishedAt = row.published_at ?? new Date(rank).toISOString()
  return {
    kind: 'clip',
    id: row.clip_id,
    stream_id: row.stream_id,
    title: row.title,
    tags: row.tags,
    creator: creatorOf(row),
    playback: {
      id: row.playback_id,
      mp4_url: at(PLAYBACK_PATHS.clip),
      ...(stored.has(`${row.clip_id} vertical`) ? { vertical_url: at(PLAYBACK_PATHS.vertical) } : {}),
      ...(stored.has(`${row.clip_id} poster`) ? { poster_url: at(PLAYBACK_PATHS.poster) } : {}),
    },
    duration_ms: row.source?.duration_ms ?? row.end_ms - row.start_ms,
    at: publishedAt,
    start_ms: row.start_ms,
    shares,
    why: { rank, bonus_ms: Math.max(0, rank - Date.parse(publishedAt)), reasons: row.reasons ?? [] },
  }
}

function presentShow(row: FeedShowRow, mediaUrl: URL, shares: number): FeedItem {
  const id = row.provider_stream_id ?? row.stream_id
  const at = row.started_at ?? row.created_at
  return {
    kind: 'stream',
    id: row.stream_id,
    stream_id: row.stream_id,
    title: row.title,
    tags: [],
    creator: creatorOf(row),
    playback: { id, hls_url: mediaAt(mediaUrl, 'live', id, PLAYBACK_PATHS.hls) },
    duration_ms: null,
    at,
    start_ms: null,
    shares,
    why: { rank: Date.parse(at), bonus_ms: 0, reasons: [] },
  }
}

function creatorOf(row: { creator_id: string; handle: string; display_name: string }): FeedItem['creator'] {
  return { id: row.creator_id, handle: row.handle, display_name: row.display_name }
}

function mediaAt(mediaUrl: URL, place: 'live' | 'play', playbackId: string, file: string): string {
  return mediaUrlOf(mediaUrl, `${place}/${playbackId}/${file}`)
}
