import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { addFeedIcons } from './feed-icons.ts'

addFeedIcons()

/** The head of the feed, search and clips: what is live, search, and the way to the studio. */
export function FeedHeader({ searching = false }: { searching?: boolean }): JSX.Element {
  return (
    <PageHeader>
      <a class="button button-quiet feed-nav" href="/live" aria-label={t('feed.live')}>
        <Icon name="signal" />
        <span>{t('feed.live')}</span>
      </a>
      {!searching && (
        <a class="button button-quiet feed-nav" href="/search" aria-label={t('search.title')}>
          <Icon name="search" />
          <span>{t('search.title')}</span>
        </a>
      )}
      <a class="button feed-nav" href="/studio" aria-label={t('nav.goLive')}>
        <Icon name="record" />
        <span>{t('nav.goLive')}</span>
      </a>
    </PageHeader>
  )
}
