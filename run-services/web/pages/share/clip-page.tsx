import '../search/search.css'
import './clip-page.css'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Clip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { serverNow } from '../api/server-time.ts'
import { usePolled } from '../api/use-polled.ts'
import { FeedHeader } from '../feed/feed-header.tsx'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { ItemGrid } from '../search/item-grid.tsx'
import { Icon } from '../ui/icon.tsx'
import { initialOf } from '../ui/initial-of.ts'
import { showPath } from '../ui/item-path.ts'
import { posterHue } from '../ui/poster-hue.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ClipShare } from './clip-share.tsx'

const CLIP_EVERY_MS = 20_000
const RELATED_EVERY_MS = 60_000
const RELATED_MAX = 12

/** One clip, playing; who made the show it is from, the way there, and others like it. */
export function ClipPage({ id, embedded }: { id: string; embedded: boolean }): JSX.Element {
  const clip = usePolled(`clip ${id}`, CLIP_EVERY_MS, signal => call('GET /v1/clips/{id}', { params: { id }, signal }))
  const found = clip.value
  useEffect(() => {
    if (found !== undefined) document.title = `${found.title} · Showreel`
  }, [found?.title])
  const picture = <ClipPicture clip={found} embedded={embedded} />
  if (embedded) {
    return (
      <main class="clip-embed">
        <h1 class="visually-hidden">{found?.title ?? t('lost.title')}</h1>
        {picture}
      </main>
    )
  }
  return (
    <>
      <FeedHeader />
      <main class="clip-page">
        {clip.error !== undefined && found === undefined ? (
          <section class="clip-about">
            <h1>{t('lost.title')}</h1>
            <ProblemNotice problem={clip.error} />
          </section>
        ) : (
          <div class="clip-shown">
            {picture}
            {found !== undefined && <ClipAbout clip={found} />}
          </div>
        )}
        {found !== undefined && <Related id={id} />}
      </main>
    </>
  )
}

function ClipPicture({ clip, embedded }: { clip: Clip | undefined; embedded: boolean }): JSX.Element {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const playback = clip?.playback ?? undefined
  return (
    <div class="clip-picture" style={{ '--hue': posterHue(clip?.id ?? '') }} aria-busy={clip === undefined}>
      {playback !== undefined && (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- a clip has no captions to offer yet
        <video
          key={playback.id}
          src={playback.mp4_url}
          poster={playback.poster_url}
          aria-label={clip?.title}
          controls
          playsInline
          loop
          muted={!embedded}
          autoplay={!embedded && !still}
          preload="metadata"
        />
      )}
    </div>
  )
}

function ClipAbout({ clip }: { clip: Clip }): JSX.Element {
  const language = currentLanguage()
  const at = clip.published_at ?? clip.created_at
  return (
    <section class="clip-about">
      <p class="clip-when muted figures">{agoText(language, Date.parse(at), serverNow())}</p>
      <h1>{clip.title}</h1>
      <p class="clip-creator">
        <span class="clip-avatar" aria-hidden="true">
          {initialOf(clip.creator.display_name, language)}
        </span>
        <span>
          {clip.creator.display_name} <span class="muted">@{clip.creator.handle}</span>
        </span>
      </p>
      {clip.tags.length > 0 && (
        <p class="clip-tags">
          {clip.tags.map(tag => (
            <a key={tag} href={`/search?q=${encodeURIComponent(tag)}`}>
              #{tag}
            </a>
          ))}
        </p>
      )}
      <p class="clip-actions">
        <a class="button button-primary" href={showPath(clip)}>
          <Icon name="play" />
          {t('feed.watchShow')}
        </a>
        <ClipShare clip={clip} />
      </p>
    </section>
  )
}

function Related({ id }: { id: string }): JSX.Element | null {
  const related = usePolled(`related ${id}`, RELATED_EVERY_MS, signal =>
    call('GET /v1/feed/related', { query: { clip: id, limit: RELATED_MAX }, signal }),
  )
  if (related.value === undefined || related.value.data.length === 0) return null
  return (
    <section class="clip-related" aria-labelledby="related-title">
      <h2 id="related-title">{t('clipPage.related')}</h2>
      <ItemGrid items={related.value.data} />
    </section>
  )
}
