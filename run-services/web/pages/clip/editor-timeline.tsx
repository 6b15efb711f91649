import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Clip, Simulation } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { FilmStrip } from './film-strip.tsx'
import { SignalCurves } from './signal-curves.tsx'
import { movedEnd, shareIn } from './time-window.ts'
import { typedTime } from './typed-time.ts'
import type { ClipPick } from './signal-curves.tsx'
import type { Span } from './time-window.ts'

const SECOND_MS = 1000
const LEAP_MS = 10_000

type EditorTimelineProps = {
  clip: Clip
  simulation: Simulation | undefined
  window: Span
  range: Span
  showMs: number
  frameMs: number
  /** Where the picture is, in ms from the show's start. */
  atMs: number
  disabled: boolean
  pick: ClipPick | undefined
  onPick: (pick: ClipPick) => void
  /** An end of the range is somewhere else now. */
  onRange: (range: Span, end: keyof Span) => void
  onShow: (atMs: number) => void
}

/** The stretch of the show around the clip: its pictures, its sound, its highlights, and both ends to move. */
export function EditorTimeline(props: EditorTimelineProps): JSX.Element {
  const { clip, simulation, window, range, atMs, pick, onPick, onShow } = props
  const track = useRef<HTMLDivElement>(null)
  const momentUnder = (clientX: number): number => {
    const box = track.current?.getBoundingClientRect()
    const share = box === undefined ? 0 : Math.min(1, Math.max(0, (clientX - box.left) / box.width))
    return window.from + share * (window.to - window.from)
  }
  const percent = (moment: number): string => `${Math.min(1, Math.max(0, shareIn(window, moment))) * 100}%`
  return (
    <div class="timeline-edit">
      <div
        class="timeline-track"
        ref={track}
        onPointerDown={event => {
          const onControl = event.target instanceof Element && event.target.closest('button, [role="slider"]') !== null
          if (!onControl) onShow(momentUnder(event.clientX))
        }}
      >
        <FilmStrip clip={clip} window={window} strips={simulation?.strips ?? []} />
        <SignalCurves
          window={window}
          curve={simulation?.curve ?? []}
          picks={simulation?.picks ?? []}
          chosen={pick}
          onChoose={onPick}
        />
        <span class="timeline-out" style={{ left: '0', width: percent(range.from) }} />
        <span class="timeline-out" style={{ left: percent(range.to), right: '0' }} />
        <span
          class="timeline-range"
          style={{ left: percent(range.from), width: `calc(${percent(range.to)} - ${percent(range.from)})` }}
        />
        <span class="timeline-now" style={{ left: percent(atMs) }} />
        <Handle {...props} end="from" left={percent(range.from)} momentUnder={momentUnder} />
        <Handle {...props} end="to" left={percent(range.to)} momentUnder={momentUnder} />
      </div>
      <Ruler window={window} />
    </div>
  )
}

type HandleProps = EditorTimelineProps & { end: keyof Span; left: string; momentUnder: (clientX: number) => number }

/** One end of the range: dragged, or moved by arrow keys: a frame, with shift a second, with page keys ten. */
function Handle({
  end,
  left,
  momentUnder,
  window,
  range,
  showMs,
  frameMs,
  disabled,
  onRange,
}: HandleProps): JSX.Element {
  const [held, setHeld] = useState<number>()
  const put = (wished: number): void => onRange(movedEnd(range, end, wished, showMs), end)
  const pressed = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const step = event.shiftKey ? SECOND_MS : frameMs
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: -step,
      ArrowDown: -step,
      ArrowRight: step,
      ArrowUp: step,
      PageDown: -LEAP_MS,
      PageUp: LEAP_MS,
    }
    const move = moves[event.key]
    if (move === undefined || disabled) return
    event.preventDefault()
    event.stopPropagation()
    put(range[end] + move)
  }
  const dragged = (event: TargetedPointerEvent<HTMLElement>): void => {
    if (held === undefined) return
    const wished = momentUnder(event.clientX) - held
    put(Math.min(window.to, Math.max(window.from, wished)))
  }
  return (
    <div
      class="timeline-handle"
      data-end={end}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- two ends on one line; no input has two
      role="slider"
      tabIndex={0}
      aria-label={t(end === 'from' ? 'editor.start' : 'editor.end')}
      aria-disabled={disabled}
      aria-valuemin={0}
      aria-valuemax={Math.round(showMs)}
      aria-valuenow={range[end]}
      aria-valuetext={typedTime(range[end])}
      style={{ left }}
      onKeyDown={pressed}
      onPointerDown={event => {
        if (disabled) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setHeld(momentUnder(event.clientX) - range[end])
      }}
      onPointerMove={dragged}
      onPointerUp={() => setHeld(undefined)}
      onPointerCancel={() => setHeld(undefined)}
    />
  )
}

/** Steps between the ruler's marks, in ms. */
const STEPS_MS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000]
const MARKS_MAX = 8

function Ruler({ window }: { window: Span }): JSX.Element {
  const length = window.to - window.from
  const step = STEPS_MS.find(candidate => length / candidate <= MARKS_MAX) ?? 300_000
  const marks: number[] = []
  for (let at = Math.ceil(window.from / step) * step; at <= window.to; at += step) marks.push(at)
  return (
    <div class="timeline-ruler figures" aria-hidden="true">
      {marks.map(at => (
        <span key={at} style={{ left: `${shareIn(window, at) * 100}%` }}>
          {typedTime(at).replace(/\.000$/, '')}
        </span>
      ))}
    </div>
  )
}
