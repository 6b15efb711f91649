import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { FeedItem } from '../api/api-routes.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { showPath } from '../ui/item-path.ts'
import { shareLink } from './share-link.ts'
import type { ActiveVideo } from './use-feed-video.ts'
import { WhyNote } from './why-note.tsx'

/** What can be done with an item: sound, share, the whole show, and why it is here. */
export function FeedRail({ item, video }: { item: FeedItem; video: ActiveVideo | undefined }): JSX.Element {
  const [asked, setAsked] = useState(false)
  const muted = video?.state.muted !== false
  return (
    <div class="feed-rail">
      {video !== undefined && (
        <button type="button" class="rail-button" aria-pressed={!muted} onClick={() => video.setMuted(!muted)}>
          <span class="rail-sign">
            <Icon name={muted ? 'muted' : 'volume'} />
          </span>
          <span>{t(muted ? 'feed.soundOn' : 'feed.soundOff')}</span>
        </button>
      )}
      <RailShare item={item} />
      <a class="rail-button" href={showPath(item)}>
        <span class="rail-sign">
          <Icon name="show" />
        </span>
        <span>{t(item.kind === 'stream' ? 'feed.watchLive' : 'feed.watchShow')}</span>
      </a>
      <button type="button" class="rail-button" aria-expanded={asked} onClick={() => setAsked(!asked)}>
        <span class="rail-sign">
          <Icon name="info" />
        </span>
        <span>{t('feed.why')}</span>
      </button>
      {asked && <WhyNote item={item} onClose={() => setAsked(false)} />}
    </div>
  )
}

function RailShare({ item }: { item: FeedItem }): JSX.Element {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready')
  const [more, setMore] = useState(0)
  const share = async (): Promise<void> => {
    try {
      const copied = await shareLink(item)
      setMore(1)
      setState(copied ? 'copied' : 'ready')
    } catch {
      setState('failed')
    }
  }
  const count = item.shares + more
  const label = count === 0 ? t('feed.share') : count.toLocaleString(currentLanguage(), { notation: 'compact' })
  return (
    <button
      type="button"
      class="rail-button"
      aria-label={count === 0 ? t('feed.share') : `${t('feed.share')}, ${label}`}
      onClick={() => void share()}
      onBlur={() => setState('ready')}
    >
      <span class="rail-sign">
        <Icon name={state === 'copied' ? 'check' : 'share'} />
      </span>
      <span aria-hidden="true">{label}</span>
      <span class={state === 'ready' ? 'visually-hidden' : 'rail-toast'} aria-live="polite">
        {state === 'copied' && t('feed.copied')}
        {state === 'failed' && t('feed.shareFailed')}
      </span>
    </button>
  )
}
