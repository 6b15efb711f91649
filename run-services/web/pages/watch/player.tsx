import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Marker, Stream } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { posterHue } from '../ui/poster-hue.ts'
import { ControlBar } from './control-bar.tsx'
import { EndedCard, ReconnectCard, TroubleCard } from './player-cards.tsx'
import { playerKeys } from './player-keys.ts'
import { StatsOverlay } from './stats-overlay.tsx'
import { isOver } from './use-show.ts'
import { useIdle } from './use-idle.ts'
import type { PlayerView, ShowPlayer } from './show-player.ts'
import { Icon } from '../ui/icon.tsx'

const VIEW_EVERY_MS = 200

type PlayerProps = {
  stream: Stream
  markers: readonly Marker[]
  /** How far the channel lets viewers rewind; 0 hides the bar of a live show. */
  dvrWindowMs: number
  /** A wish from outside the player; a new object is a new wish. */
  seek: { atMs: number } | undefined
}

/** The video of one show with its controls: how far behind live it is, the way back and the way to live again. */
export function Player({ stream, markers, dvrWindowMs, seek }: PlayerProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const [player, setPlayer] = useState<ShowPlayer>()
  const [view, setView] = useState<PlayerView>()
  const [seen, setSeen] = useState(false)
  const [stats, setStats] = useState(false)
  const onlyWakes = useRef(false)
  const over = isOver(stream)

  useEffect(() => {
    let made: ShowPlayer | undefined
    let timer: ReturnType<typeof setInterval> | undefined
    let left = false
    const { hls_url: hls, dvr_url: dvr } = stream.playback
    // The player's libraries are most of the bytes of this site: the page stands before they come.
    void import('./show-player.ts').then(({ showPlayer }) => {
      if (left || video.current === null || still.current === null) return
      const opened = showPlayer(video.current, still.current, over ? { archive: hls } : { live: hls, dvr })
      made = opened
      setPlayer(opened)
      timer = setInterval(() => setView(opened.view()), VIEW_EVERY_MS)
    })
    return () => {
      left = true
      clearInterval(timer)
      made?.close()
    }
  }, [stream.id])

  useEffect(() => {
    if (player !== undefined && seek !== undefined) player.seekTo(seek.atMs)
  }, [seek])
  useEffect(() => {
    if (player === undefined || frame.current === null) return undefined
    return playerKeys({ player, frame: frame.current, toggleStats: () => setStats(shown => !shown) })
  }, [player])

  const idle = useIdle(frame, view !== undefined && !view.paused && !view.ended)
  const leftWaiting = stream.state === 'reconnecting' && view !== undefined && (view.waiting || !seen)
  const finished = over && view !== undefined && (view.ended || (view.mode !== 'archive' && view.waiting))
  return (
    <div
      ref={frame}
      class="player"
      data-idle={idle}
      data-seen={seen}
      data-live={view?.atLiveEdge ?? false}
      style={{ '--hue': posterHue(stream.id) }}
    >
      {stream.playback.poster_url !== undefined && <img class="player-poster" src={stream.playback.poster_url} alt="" />}
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
        onClick={() => {
          if (onlyWakes.current) return
          if (view?.paused) player?.play()
          else player?.pause()
        }}
      />
      {view?.waiting && !leftWaiting && !finished && <span class="player-spinner" role="status" aria-label={t('player.loading')} />}
      {view?.paused && !view.ended && seen && (
        <span class="player-paused" aria-hidden="true">
          <Icon name="play" />
        </span>
      )}
      {leftWaiting && <ReconnectCard until={stream.reconnect_until} />}
      {finished && player !== undefined && (
        <EndedCard onAgain={() => watchAgain(player, stream)} />
      )}
      {view?.failed && <TroubleCard onRetry={() => location.reload()} />}
      {stats && view !== undefined && <StatsOverlay view={view} />}
      {player !== undefined && view !== undefined && !finished && (
        <ControlBar
          player={player}
          view={view}
          stream={stream}
          markers={markers}
          dvrWindowMs={dvrWindowMs}
          frame={frame}
          over={over}
          onStats={() => setStats(shown => !shown)}
        />
      )}
    </div>
  )
}

function watchAgain(player: ShowPlayer, stream: Stream): void {
  const startMs = stream.started_at === null ? 0 : Date.parse(stream.started_at)
  player.becomeArchive(stream.playback.hls_url, startMs)
  player.seekTo(startMs)
  player.play()
}
