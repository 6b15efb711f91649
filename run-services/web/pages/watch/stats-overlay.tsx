import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import type { PlayerView } from './player-view.ts'

const seconds = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`)

/** The player's inner figures, for whoever asks with the `i` key. */
export function StatsOverlay({ view }: { view: PlayerView }): JSX.Element {
  const bandwidth = view.stats?.bandwidthKbps
  const rows: [string, string][] = [
    [t('stats.delay'), seconds(view.behindMs)],
    [t('stats.target'), seconds(view.stats?.targetLatencyMs)],
    [t('stats.buffer'), seconds(view.bufferedMs)],
    [t('stats.rung'), view.stats?.rung ?? '–'],
    [t('stats.bandwidth'), bandwidth === undefined ? '–' : `${(bandwidth / 1000).toFixed(1)} Mbit/s`],
    [t('stats.dropped'), String(view.stats?.droppedFrames ?? 0)],
    [t('stats.source'), `${view.mode} · ${view.stats?.engine ?? '–'}`],
  ]
  return (
    <dl class="stats-overlay figures">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
