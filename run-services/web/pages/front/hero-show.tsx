import type { JSX } from 'preact'
import type { Stream } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { LivePill } from '../ui/live-pill.tsx'
import { Poster } from '../ui/poster.tsx'
import { PreviewVideo } from './preview-video.tsx'

/** The show that fills the front page, playing without sound behind its title. */
export function HeroShow({ stream }: { stream: Stream }): JSX.Element {
  return (
    <section class="hero" aria-labelledby="hero-title">
      <Poster stream={stream} eager />
      <PreviewVideo stream={stream} wished={false} />
      <div class="hero-scrim" />
      <div class="hero-text">
        <p class="hero-state">
          <LivePill stream={stream} />
          {stream.started_at !== null && (
            <span class="figures">
              {t('show.started', { ago: agoText(currentLanguage(), Date.parse(stream.started_at), serverNow()) })}
            </span>
          )}
        </p>
        <h2 id="hero-title" class="hero-title">
          <a href={`/w/${stream.id}`}>{stream.title}</a>
        </h2>
        <p class="hero-creator">{stream.creator.display_name}</p>
        <a class="button button-primary hero-watch" href={`/w/${stream.id}`} tabIndex={-1} aria-hidden="true">
          <Icon name="play" />
          {t('front.watch')}
        </a>
      </div>
    </section>
  )
}
