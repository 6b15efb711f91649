import type { JSX } from 'preact'
import type { FeedItem } from '../api/api-routes.ts'
import { posterHue } from '../ui/poster-hue.ts'

/** The picture of an item, or its own colours until there is one; takes the size of what it lies in. */
export function ItemPoster({ item, eager = false }: { item: FeedItem; eager?: boolean }): JSX.Element {
  const url = item.playback.poster_url
  return (
    <span class="poster" style={{ '--hue': posterHue(item.id) }} aria-hidden="true">
      {url !== undefined && <img src={url} alt="" loading={eager ? 'eager' : 'lazy'} decoding="async" />}
    </span>
  )
}
