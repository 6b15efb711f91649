import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { FeedItem } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { posterHue } from '../ui/poster-hue.ts'

const EVERY_MS = 20_000
const CLIPS_MAX = 12

/** Clips of this show and others like it, each a way to its page; nothing while there are none. */
export function RelatedClips({ streamId }: { streamId: string }): JSX.Element | null {
  const related = usePolled(`related ${streamId}`, EVERY_MS, signal =>
    call('GET /v1/feed/related', { query: { stream: streamId, limit: CLIPS_MAX }, signal }),
  )
  const clips = related.value?.data.filter(item => item.kind === 'clip') ?? []
  if (clips.length === 0) return null
  return (
    <section class="related" aria-labelledby="related-title">
      <h2 id="related-title">{t('clip.related')}</h2>
      <ul class="related-row">
        {clips.map(item => (
          <li key={item.id}>
            <RelatedCard item={item} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function RelatedCard({ item }: { item: FeedItem }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const start = (): void => {
    if (!still) void video.current?.play().catch(() => undefined)
  }
  const stop = (): void => {
    const element = video.current
    if (element === null) return
    element.pause()
    // Gives the decoder back; the poster stands again.
    element.load()
  }
  const { mp4_url: url, poster_url: poster } = item.playback
  return (
    <a
      class="related-card"
      href={`/c/${item.id}`}
      onPointerEnter={start}
      onPointerLeave={stop}
      onFocus={start}
      onBlur={stop}
    >
      <span class="related-picture" style={{ '--hue': posterHue(item.id) }}>
        <video
          ref={video}
          src={url}
          poster={poster}
          preload="none"
          muted
          loop
          playsInline
          tabIndex={-1}
          aria-hidden="true"
        />
        {item.duration_ms !== null && <span class="related-length figures">{clockText(item.duration_ms)}</span>}
      </span>
      <span class="related-title">{item.title}</span>
      <span class="muted">{item.creator.display_name}</span>
    </a>
  )
}
