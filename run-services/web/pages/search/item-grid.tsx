import type { JSX } from 'preact'
import type { FeedItem } from '../api/api-routes.ts'
import { ItemPill } from '../feed/item-pill.tsx'
import { ItemPoster } from '../feed/item-poster.tsx'
import { serverNow } from '../api/server-time.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage } from '../i18n/translate.ts'
import { itemPath } from '../ui/item-path.ts'

/** Items to choose from, each with its picture, what it is and whose. */
export function ItemGrid({ items }: { items: readonly FeedItem[] }): JSX.Element {
  return (
    <ul class="item-grid">
      {items.map(item => (
        <li key={item.id}>
          <a class="item-card" href={itemPath(item)}>
            <span class="item-picture">
              <ItemPoster item={item} />
              <ItemPill item={item} />
            </span>
            <span class="item-title">{item.title}</span>
            <span class="item-about muted figures">
              {item.creator.display_name} · {agoText(currentLanguage(), Date.parse(item.at), serverNow())}
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}
