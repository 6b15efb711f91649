import type { JSX } from 'preact'
import type { Simulation } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { shareIn } from './time-window.ts'
import type { Span } from './time-window.ts'

export type ClipPick = Simulation['picks'][number]
type Point = Simulation['curve'][number]

/** Bars of the waveform at most. */
const BARS_MAX = 240
/** Silence, in dB of full scale. */
const QUIET_DB = -60
const WIDTH = 1000
const HEIGHT = 100

type SignalCurvesProps = {
  window: Span
  curve: readonly Point[]
  picks: readonly ClipPick[]
  chosen: ClipPick | undefined
  onChoose: (pick: ClipPick) => void
}

/** How loud the show is, and over it how much worth a clip each moment is, with the peaks to choose from. */
export function SignalCurves({ window, curve, picks, chosen, onChoose }: SignalCurvesProps): JSX.Element {
  const inside = curve.filter(point => point.at_ms >= window.from && point.at_ms <= window.to)
  const highest = Math.max(1, ...inside.map(point => point.score), ...picks.map(pick => pick.score))
  const peaks = picks.filter(pick => peakOf(pick) >= window.from && peakOf(pick) <= window.to)
  return (
    <div class="curves">
      {inside.length > 0 && (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path class="curves-sound" d={soundPath(inside, window)} />
          <path
            class="curves-score-fill"
            d={`${scorePath(inside, window, highest)} L${WIDTH} ${HEIGHT} L0 ${HEIGHT} Z`}
          />
          <path class="curves-score" d={scorePath(inside, window, highest)} />
        </svg>
      )}
      {inside.length === 0 && <p class="curves-none muted">{t('editor.noCurve')}</p>}
      {peaks.map(pick => (
        <button
          key={pick.start_ms}
          type="button"
          class="curves-peak"
          aria-pressed={pick === chosen}
          aria-label={t('editor.peak', { score: pick.score.toFixed(1) })}
          style={{ left: `${shareIn(window, peakOf(pick)) * 100}%`, bottom: `${(pick.score / highest) * 78}%` }}
          onClick={() => onChoose(pick)}
        />
      ))}
    </div>
  )
}

/** The moment a pick is about: where its strongest reason was. */
function peakOf(pick: ClipPick): number {
  const [strongest] = pick.reasons.toSorted((a, b) => b.added - a.added)
  return strongest?.at_ms ?? (pick.start_ms + pick.end_ms) / 2
}

function soundPath(points: readonly Point[], window: Span): string {
  const every = Math.max(1, Math.ceil(points.length / BARS_MAX))
  let path = ''
  for (let index = 0; index < points.length; index += every) {
    const group = points.slice(index, index + every)
    const loudest = Math.max(...group.map(point => point.loudness_db))
    const level = Math.min(1, Math.max(0.02, 1 - loudest / QUIET_DB))
    const x = (shareIn(window, group[0]?.at_ms ?? 0) * WIDTH).toFixed(1)
    const half = (level * HEIGHT * 0.42).toFixed(1)
    path += `M${x} ${HEIGHT / 2 - Number(half)}V${HEIGHT / 2 + Number(half)}`
  }
  return path
}

function scorePath(points: readonly Point[], window: Span, highest: number): string {
  return points
    .map((point, index) => {
      const x = (shareIn(window, point.at_ms) * WIDTH).toFixed(1)
      const y = (HEIGHT - (point.score / highest) * HEIGHT * 0.86).toFixed(1)
      return `${index === 0 ? 'M' : 'L'}${x} ${y}`
    })
    .join('')
}
