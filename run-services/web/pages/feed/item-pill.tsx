import type { JSX } from 'preact'
import type { FeedItem } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'

/** Whether an item is on the air, or how long it is. */
export function ItemPill({ item }: { item: FeedItem }): JSX.Element {
  if (item.kind === 'stream') return <span class="live-pill">{t('show.live')}</span>
  return (
    <span class="live-pill figures" data-state="ended">
      {t('feed.clip')} {clockText(item.duration_ms ?? 0)}
    </span>
  )
}
