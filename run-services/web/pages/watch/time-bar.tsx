import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Marker, Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { markerName } from './moment-list.tsx'
import type { PlayerView } from './show-player.ts'
import type { ShowSpan } from './show-span.ts'

const STEP_MS = 10_000
const LEAP_MS = 60_000

type TimeBarProps = {
  span: ShowSpan
  view: PlayerView
  stream: Stream
  markers: readonly Marker[]
  onSeek: (atMs: number) => void
}

/** The whole reachable show as one line: where the picture is, what is loaded, the marked moments, and now at its end. */
export function TimeBar({ span, view, stream, markers, onSeek }: TimeBarProps): JSX.Element {
  const bar = useRef<HTMLDivElement>(null)
  const [hover, setHover] = useState<number>()
  const [dragged, setDragged] = useState<number>()
  const length = span.toMs - span.fromMs
  const share = (atMs: number): number => Math.min(1, Math.max(0, (atMs - span.fromMs) / length))
  const at = dragged ?? view.playingAtMs ?? span.toMs
  const live = view.mode !== 'archive'
  const label = (atMs: number): string =>
    live ? `−${clockText(span.toMs - atMs)}` : clockText(atMs - span.fromMs)
  const timeAt = (event: TargetedPointerEvent<HTMLDivElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return span.fromMs + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * length
  }
  const pressed = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const moves: Readonly<Record<string, number>> = {
      Home: span.fromMs,
      End: span.toMs,
      PageUp: at + LEAP_MS,
      PageDown: at - LEAP_MS,
      ArrowLeft: at - STEP_MS,
      ArrowRight: at + STEP_MS,
    }
    const next = moves[event.key]
    if (next === undefined) return
    event.preventDefault()
    onSeek(Math.max(span.fromMs, next))
  }
  const startMs = stream.started_at === null ? span.fromMs : Date.parse(stream.started_at)
  const near = hover === undefined ? undefined : markers.find(marker => Math.abs(startMs + marker.at_ms - hover) < length / 80)
  return (
    <div
      ref={bar}
      class="time-bar"
      role="slider"
      tabIndex={0}
      aria-label={t('player.timeBar')}
      aria-valuemin={0}
      aria-valuemax={Math.round(length / 1000)}
      aria-valuenow={Math.round((at - span.fromMs) / 1000)}
      aria-valuetext={live ? t('player.behind', { amount: clockText(span.toMs - at) }) : label(at)}
      onKeyDown={pressed}
      onPointerMove={event => {
        setHover(timeAt(event))
        if (dragged !== undefined) setDragged(timeAt(event))
      }}
      onPointerLeave={() => setHover(undefined)}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDragged(timeAt(event))
      }}
      onPointerUp={event => {
        onSeek(timeAt(event))
        setDragged(undefined)
      }}
      onPointerCancel={() => setDragged(undefined)}
    >
      <span class="time-bar-line">
        <span class="time-bar-buffer" style={{ width: `${share(at + view.bufferedMs) * 100}%` }} />
        <span class="time-bar-done" style={{ width: `${share(at) * 100}%` }} />
        {markers.map(marker => {
          const markerAt = startMs + marker.at_ms
          return markerAt < span.fromMs || markerAt > span.toMs ? null : (
            <span key={marker.id} class="time-bar-marker" style={{ left: `${share(markerAt) * 100}%` }} />
          )
        })}
        <span class="time-bar-head" style={{ left: `${share(at) * 100}%` }} />
      </span>
      {(dragged ?? hover) !== undefined && (
        <span class="time-bar-tip figures" style={{ left: `${share(dragged ?? hover ?? 0) * 100}%` }}>
          {near !== undefined && <strong>{near.note ?? markerName(near.kind)}</strong>}
          {label(dragged ?? hover ?? 0)}
        </span>
      )}
    </div>
  )
}
