import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Stream } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import type { ShowPlayer } from './show-player.ts'

const TICK_MS = 250

type PlayerCardsProps = {
  player: ShowPlayer
  stream: Stream
  /** The creator's connection is gone and the picture has stopped. */
  left: boolean
  /** The show is over and so is what was playing. */
  finished: boolean
  /** Nothing can be played after every retry. */
  failed: boolean
}

/** What covers the picture when there is none: the wait for the creator, the end, or trouble. */
export function PlayerCards({ player, stream, left, finished, failed }: PlayerCardsProps): JSX.Element {
  const again = (): void => {
    const startMs = stream.started_at === null ? 0 : Date.parse(stream.started_at)
    player.becomeArchive(stream.playback.hls_url, startMs)
    player.seekTo(startMs)
    player.play()
  }
  return (
    <div class="player-cards" aria-live="polite">
      {left && <ReconnectCard until={stream.reconnect_until} />}
      {finished && (
        <section class="player-card">
          <h2>{t('player.endedTitle')}</h2>
          <p>{t('player.endedText')}</p>
          <p class="player-card-actions">
            <button type="button" class="button button-primary" onClick={again}>
              <Icon name="play" />
              {t('player.watchFromStart')}
            </button>
            <a class="button" href="/">
              {t('player.otherShows')}
            </a>
          </p>
        </section>
      )}
      {failed && !finished && (
        <section class="player-card">
          <h2>{t('player.failedTitle')}</h2>
          <p>{t('player.failedText')}</p>
          <button type="button" class="button button-primary" onClick={() => location.reload()}>
            {t('player.retry')}
          </button>
        </section>
      )}
    </div>
  )
}

/** The show is paused because its creator's connection is gone; counts down to the end of the wait. */
function ReconnectCard({ until }: { until: string | null }): JSX.Element {
  const end = until === null ? undefined : Date.parse(until)
  const [left, setLeft] = useState<number>()
  useEffect(() => {
    if (end === undefined) return undefined
    const tick = (): void => setLeft(Math.max(0, Math.ceil((end - serverNow()) / 1000)))
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }, [end])
  return (
    <section class="player-card">
      <span class="player-card-wait" aria-hidden="true" />
      <h2>{t('player.pausedTitle')}</h2>
      <p>{t('player.pausedText')}</p>
      {left !== undefined && (
        <p class="player-card-count figures" aria-live="off">
          {t('player.pausedLeft', { seconds: left })}
        </p>
      )}
    </section>
  )
}
