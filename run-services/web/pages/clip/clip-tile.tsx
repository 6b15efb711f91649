import type { JSX } from 'preact'
import type { Clip } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText, clockText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { posterHue } from '../ui/poster-hue.ts'
import { ClipState } from './clip-state.tsx'

/** A clip of one's own: its picture, where it stands, and the way to its editor. */
export function ClipTile({ clip }: { clip: Clip }): JSX.Element {
  const poster = clip.playback?.poster_url
  return (
    <a class="clip-tile" href={`/studio/clips/${clip.id}`}>
      <span class="clip-tile-picture" style={{ '--hue': posterHue(clip.id) }}>
        {poster === undefined ? (
          clip.playback !== null && (
            <video src={`${clip.playback.mp4_url}#t=0.1`} preload="metadata" muted playsInline aria-hidden="true" />
          )
        ) : (
          <img src={poster} alt="" loading="lazy" decoding="async" />
        )}
        <span class="related-length figures">{clockText(clip.duration_ms ?? clip.end_ms - clip.start_ms)}</span>
        {clip.render !== null && (
          <progress
            class="clip-tile-progress"
            max={100}
            value={clip.render.percent}
            aria-label={t('clip.state.rendering')}
          />
        )}
      </span>
      <span class="related-title">{clip.title}</span>
      <span class="clip-tile-facts">
        <ClipState clip={clip} />
        <span class="muted">{agoText(currentLanguage(), Date.parse(clip.created_at), serverNow())}</span>
        {clip.origin === 'highlight' && <span class="chip">{t('clips.picked')}</span>}
        {clip.marquee && <span class="chip">{t('clips.marquee')}</span>}
      </span>
    </a>
  )
}
