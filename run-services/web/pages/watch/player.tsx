import type { JSX, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Clip, Marker, Stream } from '../api/api-routes.ts'
import { ClipButton, preferredSpan } from '../clip/clip-button.tsx'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { posterHue } from '../ui/poster-hue.ts'
import { ControlBar } from './control-bar.tsx'
import { PlayerCards } from './player-cards.tsx'
import { playerKeys } from './player-keys.ts'
import { StatsOverlay } from './stats-overlay.tsx'
import { useIdle } from './use-idle.ts'
import { useShowPlayer } from './use-show-player.ts'
import { isOver } from './is-over.ts'
import type { ShowPlayer } from './show-player.ts'

type PlayerProps = {
  stream: Stream
  markers: readonly Marker[]
  clips: readonly Clip[]
  /** How far the channel lets viewers rewind; 0 hides the bar of a live show. */
  dvrWindowMs: number
  /** A wish from outside the player; a new object is a new wish. */
  seek: { atMs: number } | undefined
  /** Where the player is handed to while it stands. */
  onPlayer: (player: ShowPlayer | undefined) => void
  /** Clips what was just seen; absent where no clips are made. */
  onClip?: ((spanMs: number) => void) | undefined
}

/** The video of one show with its controls: how far behind live it is, the way back and the way to live again. */
export function Player({ stream, markers, clips, dvrWindowMs, seek, onPlayer, onClip }: PlayerProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const onlyWakes = useRef(false)
  const { player, view } = useShowPlayer(stream, video, still)
  const [seen, setSeen] = useState(false)
  const [stats, setStats] = useState(false)
  const toggleStats = (): void => setStats(shown => !shown)
  usePlayerHands(player, frame, { seek, onPlayer, onClip, toggleStats })
  const idle = useIdle(frame, view !== undefined && !view.paused && !view.ended)
  const over = isOver(stream)
  const left = stream.state === 'reconnecting' && view !== undefined && (view.waiting || !seen)
  const finished = over && view !== undefined && (view.ended || (view.mode !== 'archive' && view.waiting))
  const poster = stream.playback.poster_url
  const pressed = (): void => {
    if (onlyWakes.current) return
    if (view?.paused) player?.play()
    else player?.pause()
  }
  return (
    <div
      ref={frame}
      class="player"
      data-idle={idle}
      data-seen={seen}
      data-live={view?.atLiveEdge ?? false}
      style={{ '--hue': posterHue(stream.id) }}
    >
      {poster !== undefined && <img class="player-poster" src={poster} alt="" />}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- a live show has no caption track; cues come with it */}
      <video ref={video} playsInline aria-label={stream.title} onPlaying={() => setSeen(true)} />
      <canvas ref={still} class="player-still" hidden />
      <button
        type="button"
        class="player-surface"
        tabIndex={-1}
        aria-hidden="true"
        onPointerDown={event => {
          // A finger first brings the controls back; it has no other way to ask for them.
          onlyWakes.current = idle && event.pointerType === 'touch'
        }}
        onClick={pressed}
      />
      {view?.waiting && !left && !finished && <span class="player-spinner" aria-hidden="true" />}
      {view?.paused && !view.ended && seen && (
        <span class="player-paused" aria-hidden="true">
          <Icon name="play" />
        </span>
      )}
      <p class="visually-hidden" aria-live="polite">
        {view?.waiting && !left && !finished && t('player.loading')}
      </p>
      {player !== undefined && (
        <PlayerCards player={player} stream={stream} left={left} finished={finished} failed={view?.failed ?? false} />
      )}
      {stats && view !== undefined && <StatsOverlay view={view} />}
      {player !== undefined && view !== undefined && !finished && (
        <ControlBar
          {...{ player, view, stream, markers, clips, dvrWindowMs, frame, over }}
          onStats={toggleStats}
          extra={onClip && <ClipButton place="player" disabled={view.playingAtMs === undefined} onClip={onClip} />}
        />
      )}
    </div>
  )
}

type PlayerHands = Pick<PlayerProps, 'seek' | 'onPlayer' | 'onClip'> & { toggleStats: () => void }

/** What reaches a player from outside its own controls: the keyboard, wishes of the page, and whoever holds it. */
function usePlayerHands(
  player: ShowPlayer | undefined,
  frame: RefObject<HTMLDivElement | null>,
  { seek, onPlayer, onClip, toggleStats }: PlayerHands,
): void {
  useEffect(() => {
    if (player !== undefined && seek !== undefined) player.seekTo(seek.atMs)
  }, [seek])
  useEffect(() => {
    if (player === undefined || frame.current === null) return undefined
    const clip = onClip && ((): void => onClip(preferredSpan()))
    return playerKeys({ player, frame: frame.current, toggleStats, clip })
  }, [player, onClip])
  useEffect(() => {
    onPlayer(player)
    return () => onPlayer(undefined)
  }, [player])
}
