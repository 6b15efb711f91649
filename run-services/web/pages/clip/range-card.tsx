import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Clip, Simulation, Stream } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { EditorTimeline } from './editor-timeline.tsx'
import { PickDetails } from './pick-details.tsx'
import { TimeField } from './time-field.tsx'
import { movedEnd, windowAround } from './time-window.ts'
import type { ClipPick } from './signal-curves.tsx'
import type { Span } from './time-window.ts'
import type { RangePlayer } from './use-range-player.ts'

const SECOND_MS = 1000
/** Frames a second of a show that did not say. */
const FPS = 30
const ZOOM_MAX = 5

type RangeCardProps = {
  clip: Clip
  stream: Stream | undefined
  simulation: Simulation | undefined
  range: Span
  player: RangePlayer
  disabled: boolean
  onRange: (range: Span) => void
}

/** Where in its show the clip begins and ends, and what the rules saw around it. */
export function RangeCard({ clip, stream, simulation, range, player, disabled, onRange }: RangeCardProps): JSX.Element {
  const [pick, setPick] = useState<ClipPick>()
  const [zoom, setZoom] = useState(0)
  const [anchor, setAnchor] = useState(range)
  const showMs = lengthOf(stream, clip)
  const frameMs = SECOND_MS / (stream?.media?.video.fps ?? FPS)
  const window = useMemo(() => windowAround(anchor, showMs, zoom), [anchor, zoom, clip.id])
  const setRange = (next: Span, end: keyof Span): void => {
    onRange(next)
    if (next.from < window.from || next.to > window.to) setAnchor(next)
    player.show(end === 'from' ? next.from : next.to - frameMs)
  }
  const usePick = ({ start_ms: from, end_ms: to }: ClipPick): void => {
    const start = Math.round(from)
    const next = movedEnd({ from: start, to: Math.round(to) }, 'to', to, showMs)
    setRange(next, 'from')
    setAnchor(next)
  }
  const field = (end: keyof Span): JSX.Element => (
    <TimeField
      label={t(end === 'from' ? 'editor.start' : 'editor.end')}
      value={range[end]}
      disabled={disabled}
      onTime={ms => setRange(movedEnd(range, end, ms, showMs), end)}
    />
  )
  return (
    <section class="card editor-range" aria-labelledby="range-title">
      <header class="card-head">
        <h2 id="range-title">{t('editor.range')}</h2>
        <Zoom
          zoom={zoom}
          onZoom={next => {
            setAnchor(range)
            setZoom(next)
          }}
        />
      </header>
      <EditorTimeline
        {...{ clip, simulation, window, range, showMs, frameMs, pick, disabled }}
        atMs={player.atMs}
        onPick={setPick}
        onRange={setRange}
        onShow={player.show}
      />
      <div class="editor-times">
        {field('from')}
        {field('to')}
        <p class="editor-length">
          <span class="field-label">{t('editor.length')}</span>
          <strong class="figures">
            {t('clip.seconds', { seconds: ((range.to - range.from) / SECOND_MS).toFixed(2) })}
          </strong>
        </p>
      </div>
      {disabled && <p class="card-hint">{t('editor.busy')}</p>}
      {pick !== undefined && <PickDetails pick={pick} disabled={disabled} onUse={() => usePick(pick)} />}
    </section>
  )
}

/** How long the show is so far, as far as it is known. */
function lengthOf(stream: Stream | undefined, clip: Clip): number {
  if (stream?.started_at == null) return clip.end_ms
  return stream.duration_ms ?? Math.max(clip.end_ms, serverNow() - Date.parse(stream.started_at))
}

type ZoomProps = { zoom: number; onZoom: (zoom: number) => void }

function Zoom({ zoom, onZoom }: ZoomProps): JSX.Element {
  return (
    <span class="zoom">
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label={t('editor.closer')}
        disabled={zoom === 0}
        onClick={() => onZoom(zoom - 1)}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label={t('editor.wider')}
        disabled={zoom === ZOOM_MAX}
        onClick={() => onZoom(zoom + 1)}
      >
        <Icon name="minus" />
      </button>
    </span>
  )
}
