import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Clip, Marker, Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { toggleFullscreen } from './player-keys.ts'
import { QualityMenu } from './quality-menu.tsx'
import { TimeBar } from './time-bar.tsx'
import { showSpan } from './show-span.ts'
import type { PlayerView } from './player-view.ts'
import type { ShowPlayer } from './show-player.ts'

type ControlBarProps = {
  player: ShowPlayer
  view: PlayerView
  stream: Stream
  markers: readonly Marker[]
  clips: readonly Clip[]
  dvrWindowMs: number
  frame: RefObject<HTMLElement | null>
  /** Nothing is live any more, whatever still plays. */
  over: boolean
  onStats: () => void
  /** More to press, beside the player's own controls. */
  extra?: ComponentChildren
}

/** The player's controls: the bar of the whole show above, buttons below. */
export function ControlBar({
  player,
  view,
  stream,
  markers,
  clips,
  dvrWindowMs,
  frame,
  over,
  onStats,
  extra,
}: ControlBarProps): JSX.Element {
  const span = showSpan(stream, view, dvrWindowMs)
  return (
    <div class="control-bar">
      {view.muted && view.volume > 0 && !view.paused && (
        <button type="button" class="unmute" onClick={() => player.setMuted(false)}>
          <Icon name="muted" />
          {t('player.unmute')}
        </button>
      )}
      {span !== undefined && (
        <TimeBar
          span={span}
          view={view}
          stream={stream}
          markers={markers}
          clips={clips}
          onSeek={atMs => player.seekTo(atMs)}
          onStep={byMs => player.step(byMs)}
        />
      )}
      <div class="controls">
        <button
          type="button"
          class="control"
          aria-label={t(view.paused ? 'player.play' : 'player.pause')}
          onClick={() => (view.paused ? player.play() : player.pause())}
        >
          <Icon name={view.paused ? 'play' : 'pause'} />
        </button>
        <Volume player={player} view={view} />
        {over ? (
          <span class="clock figures">
            {clockText((view.playingAtMs ?? 0) - (span?.fromMs ?? 0))} /{' '}
            {clockText((span?.toMs ?? 0) - (span?.fromMs ?? 0))}
          </span>
        ) : (
          <BehindLive player={player} view={view} />
        )}
        <span class="controls-gap" />
        {extra}
        <QualityMenu player={player} view={view} />
        <button type="button" class="control control-wide-only" aria-label={t('player.stats')} onClick={onStats}>
          <Icon name="info" />
        </button>
        <PictureInPicture frame={frame} />
        <Fullscreen frame={frame} />
      </div>
    </div>
  )
}

/** How far behind live the picture is, always; pressing it goes to live. */
function BehindLive({ player, view }: { player: ShowPlayer; view: PlayerView }): JSX.Element {
  const behind = view.behindMs
  const amount =
    behind === undefined
      ? '–'
      : behind < 60_000
        ? t('player.seconds', { seconds: (behind / 1000).toFixed(1) })
        : clockText(behind)
  return (
    <button type="button" class="behind figures" data-live={view.atLiveEdge} onClick={() => player.goLive()}>
      <span class="behind-state">{t(view.atLiveEdge ? 'show.live' : 'player.jump')}</span>{' '}
      <span class="behind-amount">{t('player.behind', { amount })}</span>
    </button>
  )
}

function Volume({ player, view }: { player: ShowPlayer; view: PlayerView }): JSX.Element {
  const level = view.muted ? 0 : view.volume
  return (
    <span class="volume">
      <button
        type="button"
        class="control"
        aria-label={t(level === 0 ? 'player.unmute' : 'player.mute')}
        onClick={() => player.setMuted(level > 0)}
      >
        <Icon name={level === 0 ? 'muted' : 'volume'} />
      </button>
      <input
        type="range"
        class="volume-range"
        aria-label={t('player.volume')}
        min="0"
        max="1"
        step="0.05"
        value={level}
        style={{ '--level': `${level * 100}%` }}
        onInput={event => player.setVolume(Number(event.currentTarget.value))}
      />
    </span>
  )
}

function PictureInPicture({ frame }: { frame: RefObject<HTMLElement | null> }): JSX.Element | null {
  if (!document.pictureInPictureEnabled) return null
  const toggle = (): void => {
    if (document.pictureInPictureElement !== null) void document.exitPictureInPicture()
    else
      void frame.current
        ?.querySelector('video')
        ?.requestPictureInPicture()
        .catch(() => undefined)
  }
  return (
    <button type="button" class="control control-wide-only" aria-label={t('player.pip')} onClick={toggle}>
      <Icon name="pip" />
    </button>
  )
}

function Fullscreen({ frame }: { frame: RefObject<HTMLElement | null> }): JSX.Element {
  const [full, setFull] = useState(false)
  useEffect(() => {
    const changed = (): void => setFull(document.fullscreenElement !== null)
    document.addEventListener('fullscreenchange', changed)
    return () => document.removeEventListener('fullscreenchange', changed)
  }, [])
  return (
    <button
      type="button"
      class="control"
      aria-label={t(full ? 'player.exitFullscreen' : 'player.fullscreen')}
      onClick={() => frame.current !== null && toggleFullscreen(frame.current)}
    >
      <Icon name={full ? 'shrink' : 'expand'} />
    </button>
  )
}
