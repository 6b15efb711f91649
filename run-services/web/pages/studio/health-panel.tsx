import type { JSX } from 'preact'
import type { Health, Stream } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import type { IconName } from '../ui/icon.tsx'
import { isOver } from '../watch/is-over.ts'
import { HealthPlot } from './health-plot.tsx'

const LEVELS: Record<'good' | 'fair' | 'bad' | 'offline', { icon: IconName; word: PlainTextKey }> = {
  good: { icon: 'check', word: 'health.good' },
  fair: { icon: 'warning', word: 'health.fair' },
  bad: { icon: 'warning', word: 'health.bad' },
  offline: { icon: 'close', word: 'health.offline' },
}

/** How the encoder side feels: one sentence, three lines over time, and a light for every rendition. */
export function HealthPanel({ health, stream }: { health: Health; stream: Stream }): JSX.Element {
  const { current, recent } = health
  const over = isOver(stream)
  const level = LEVELS[current?.level ?? 'offline']
  const video = stream.media?.video
  return (
    <section
      class="card health"
      aria-labelledby="health-title"
      data-level={over ? 'over' : (current?.level ?? 'offline')}
    >
      <header class="health-head">
        <span class="health-level">
          {!over && <Icon name={level.icon} />}
          <h2 id="health-title">{t(over ? 'health.after' : level.word)}</h2>
        </span>
        {!over && <p>{current?.sentence ?? t('health.measuring')}</p>}
      </header>
      <div class="plots">
        <HealthPlot
          name={t('health.bitrate')}
          unit="Mbit/s"
          samples={recent}
          read={sample => sample.bitrate_kbps / 1000}
          digits={1}
          colour="accent"
        />
        <HealthPlot
          name={t('health.fps')}
          unit="fps"
          samples={recent}
          read={sample => sample.fps}
          digits={0}
          colour="ok"
        />
        <HealthPlot
          name={t('health.lag')}
          unit="ms"
          samples={recent}
          read={sample => sample.lag_ms}
          digits={0}
          colour="warn"
        />
      </div>
      <footer class="lights">
        {!over && <RenditionLights names={current?.renditions ?? []} />}
        {video != null && (
          <span class="lights-source muted figures">
            {t('health.source', {
              size: `${video.width}×${video.height}`,
              fps: Math.round(video.fps * 100) / 100,
              codec: video.codec,
            })}
          </span>
        )}
      </footer>
    </section>
  )
}

function RenditionLights({ names }: { names: readonly string[] }): JSX.Element {
  return (
    <>
      <span class="field-label">{t('health.renditions')}</span>
      <ul>
        {names.map(name => (
          <li key={name}>
            <span class="light" aria-hidden="true" />
            {name}
            <span class="visually-hidden"> {t('health.renditionOn')}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
