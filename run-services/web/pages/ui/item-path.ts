import type { FeedItem } from '../api/api-routes.ts'

/** The page of an item: the show, or the clip's own. */
export function itemPath(item: Pick<FeedItem, 'kind' | 'id'>): string {
  return item.kind === 'stream' ? `/w/${item.id}` : `/c/${item.id}`
}

/** The show an item belongs to, at the place where the clip begins. */
export function showPath(item: Pick<FeedItem, 'stream_id' | 'start_ms'>): string {
  return placePath(item.stream_id, item.start_ms)
}

/** A place in a show: seconds from its start, as the watch page reads them. */
export function placePath(streamId: string, atMs: number | null): string {
  return atMs === null ? `/w/${streamId}` : `/w/${streamId}?t=${Math.floor(atMs / 1000)}`
}
