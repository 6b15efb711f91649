import type { JSX } from 'preact'
import type { FeedItem } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { initialOf } from '../ui/initial-of.ts'
import { itemPath } from '../ui/item-path.ts'
import { FeedProgress } from './feed-progress.tsx'
import { FeedRail } from './feed-rail.tsx'
import { ItemPill } from './item-pill.tsx'
import { ItemPoster } from './item-poster.tsx'
import type { ActiveVideo } from './use-feed-video.ts'

/** Tags that fit under a title. */
const TAGS_MAX = 4

type FeedItemViewProps = {
  item: FeedItem
  index: number
  /** Near the screen; the others only hold their place. */
  drawn: boolean
  /** The feed's video while this item is on screen. */
  video: ActiveVideo | undefined
}

/** One item, as high as the screen: its picture, who and what it is, and what can be done with it. */
export function FeedItemView({ item, index, drawn, video }: FeedItemViewProps): JSX.Element {
  const moving = video?.state.shown === item.id
  const failed = video?.state.failed === item.id
  const paused = video !== undefined && video.state.paused
  return (
    <article
      class="feed-item"
      data-item={item.id}
      data-kind={item.kind}
      aria-posinset={index + 1}
      aria-setsize={-1}
      aria-labelledby={`title-${item.id}`}
    >
      {drawn && (
        <>
          <div class="feed-stage" data-moving={moving}>
            <ItemPoster item={item} eager={video !== undefined} />
            {video !== undefined && <div ref={video.slot} class="feed-slot" />}
            {video !== undefined && (
              <button
                type="button"
                class="feed-tap"
                aria-label={t(paused ? 'feed.play' : 'feed.pause')}
                onClick={video.toggle}
              >
                {paused && !failed && (
                  <span class="feed-play">
                    <Icon name="play" />
                  </span>
                )}
              </button>
            )}
            <div class="feed-scrim" />
            <FeedCaption item={item} />
            {failed && <p class="feed-failed">{t(item.kind === 'stream' ? 'feed.showGone' : 'feed.clipGone')}</p>}
            {video !== undefined && item.kind === 'clip' && <FeedProgress progress={video.progress} />}
          </div>
          <FeedRail item={item} video={video} />
        </>
      )}
      {!drawn && (
        <h2 id={`title-${item.id}`} class="visually-hidden">
          {item.title}
        </h2>
      )}
    </article>
  )
}

function FeedCaption({ item }: { item: FeedItem }): JSX.Element {
  const language = currentLanguage()
  return (
    <div class="feed-caption">
      <p class="feed-state">
        <ItemPill item={item} />
        <span class="figures">{agoText(language, Date.parse(item.at), serverNow())}</span>
      </p>
      <h2 id={`title-${item.id}`} class="feed-title">
        <a href={itemPath(item)}>{item.title}</a>
      </h2>
      <p class="feed-creator">
        <span class="feed-avatar" aria-hidden="true">
          {initialOf(item.creator.display_name, language)}
        </span>
        <span>
          {item.creator.display_name} <span class="feed-handle">@{item.creator.handle}</span>
        </span>
      </p>
      {item.tags.length > 0 && (
        <p class="feed-tags">
          {item.tags.slice(0, TAGS_MAX).map(tag => (
            <a key={tag} href={`/search?q=${encodeURIComponent(tag)}`}>
              #{tag}
            </a>
          ))}
        </p>
      )}
    </div>
  )
}
