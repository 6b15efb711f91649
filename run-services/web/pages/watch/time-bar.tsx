import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact'
import { useState } from 'preact/hooks'
import type { Clip, Marker, Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { markerName } from './moment-list.tsx'
import type { PlayerView } from './player-view.ts'
import type { ShowSpan } from './show-span.ts'

const STEP_MS = 10_000
const LEAP_MS = 60_000
/** A marker within this share of the bar is what the pointer means. */
const NEAR_SHARE = 1 / 80

type TimeBarProps = {
  span: ShowSpan
  view: PlayerView
  stream: Stream
  markers: readonly Marker[]
  /** Published clips of the show: what others kept of it. */
  clips: readonly Clip[]
  onSeek: (atMs: number) => void
  onStep: (byMs: number) => void
}
type Place = { name: string; atMs: number; id: string; toMs?: number }

function shareOf(span: ShowSpan, atMs: number): string {
  return `${Math.min(1, Math.max(0, (atMs - span.fromMs) / (span.toMs - span.fromMs))) * 100}%`
}

function timeUnder(event: TargetedPointerEvent<HTMLElement>, span: ShowSpan): number {
  const box = event.currentTarget.getBoundingClientRect()
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  return span.fromMs + share * (span.toMs - span.fromMs)
}

/** The whole reachable show as one line: where the picture is, what is loaded, the marked moments, and now at its end. */
export function TimeBar({ span, view, stream, markers, clips, onSeek, onStep }: TimeBarProps): JSX.Element {
  const [hover, setHover] = useState<number>()
  const [dragged, setDragged] = useState<number>()
  const length = span.toMs - span.fromMs
  const at = dragged ?? view.playingAtMs ?? span.toMs
  const pointed = dragged ?? hover
  const live = view.mode !== 'archive'
  const label = (atMs: number): string => (live ? `−${clockText(span.toMs - atMs)}` : clockText(atMs - span.fromMs))
  const startMs = stream.started_at === null ? span.fromMs : Date.parse(stream.started_at)
  const places = markers
    .map(marker => ({ id: marker.id, name: marker.note ?? markerName(marker.kind), atMs: startMs + marker.at_ms }))
    .filter(place => place.atMs >= span.fromMs && place.atMs <= span.toMs)
  const kept = clips
    .map(clip => ({ id: clip.id, name: clip.title, atMs: startMs + clip.start_ms, toMs: startMs + clip.end_ms }))
    .filter(clip => clip.toMs > span.fromMs && clip.atMs < span.toMs)
  const pressed = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const moves: Readonly<Record<string, () => void>> = {
      Home: () => onSeek(span.fromMs),
      End: () => onSeek(span.toMs),
      PageUp: () => onStep(LEAP_MS),
      PageDown: () => onStep(-LEAP_MS),
      ArrowLeft: () => onStep(-STEP_MS),
      ArrowRight: () => onStep(STEP_MS),
    }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    move()
  }
  return (
    <div
      class="time-bar"
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a range input has no place for markers, buffer and tip
      role="slider"
      tabIndex={0}
      aria-label={t('player.timeBar')}
      aria-valuemin={0}
      aria-valuemax={Math.round(length / 1000)}
      aria-valuenow={Math.round((at - span.fromMs) / 1000)}
      aria-valuetext={live ? t('player.behind', { amount: clockText(span.toMs - at) }) : label(at)}
      onKeyDown={pressed}
      onPointerMove={event => {
        setHover(timeUnder(event, span))
        if (dragged !== undefined) setDragged(timeUnder(event, span))
      }}
      onPointerLeave={() => setHover(undefined)}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDragged(timeUnder(event, span))
      }}
      onPointerUp={event => {
        onSeek(timeUnder(event, span))
        setDragged(undefined)
      }}
      onPointerCancel={() => setDragged(undefined)}
    >
      <Line span={span} atMs={at} bufferedToMs={at + view.bufferedMs} places={places} clips={kept} />
      {pointed !== undefined && <Tip span={span} atMs={pointed} places={[...places, ...kept]} label={label(pointed)} />}
    </div>
  )
}

type LineProps = {
  span: ShowSpan
  atMs: number
  bufferedToMs: number
  places: readonly Place[]
  clips: readonly Place[]
}

function Line({ span, atMs, bufferedToMs, places, clips }: LineProps): JSX.Element {
  return (
    <span class="time-bar-line">
      <span class="time-bar-buffer" style={{ width: shareOf(span, bufferedToMs) }} />
      <span class="time-bar-done" style={{ width: shareOf(span, atMs) }} />
      {clips.map(clip => (
        <span
          key={clip.id}
          class="time-bar-clip"
          style={{ left: shareOf(span, clip.atMs), right: `calc(100% - ${shareOf(span, clip.toMs ?? clip.atMs)})` }}
        />
      ))}
      {places.map(place => (
        <span key={place.id} class="time-bar-marker" style={{ left: shareOf(span, place.atMs) }} />
      ))}
      <span class="time-bar-head" style={{ left: shareOf(span, atMs) }} />
    </span>
  )
}

type TipProps = { span: ShowSpan; atMs: number; places: readonly Place[]; label: string }

function Tip({ span, atMs, places, label }: TipProps): JSX.Element {
  const slack = (span.toMs - span.fromMs) * NEAR_SHARE
  const near = places.find(place => atMs > place.atMs - slack && atMs < (place.toMs ?? place.atMs) + slack)
  return (
    <span class="time-bar-tip figures" style={{ '--at': shareOf(span, atMs) }}>
      {near !== undefined && <strong>{near.name}</strong>}
      {label}
    </span>
  )
}
