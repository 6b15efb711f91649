import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { serverNow } from '../api/server-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

const TICK_MS = 250

/** The show is paused because its creator's connection is gone; counts down to the end of the wait. */
export function ReconnectCard({ until }: { until: string | null }): JSX.Element {
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
    <div class="player-card" role="status">
      <span class="player-card-wait" aria-hidden="true" />
      <h2>{t('player.pausedTitle')}</h2>
      <p>{t('player.pausedText')}</p>
      {left !== undefined && (
        <p class="player-card-count figures" aria-live="off">
          {t('player.pausedLeft', { seconds: left })}
        </p>
      )}
    </div>
  )
}

/** The show is over; the whole of it can be watched. */
export function EndedCard({ onAgain }: { onAgain: () => void }): JSX.Element {
  return (
    <div class="player-card" role="status">
      <h2>{t('player.endedTitle')}</h2>
      <p>{t('player.endedText')}</p>
      <p class="player-card-actions">
        <button type="button" class="button button-primary" onClick={onAgain}>
          <Icon name="play" />
          {t('player.watchFromStart')}
        </button>
        <a class="button" href="/">
          {t('player.otherShows')}
        </a>
      </p>
    </div>
  )
}

/** Nothing can be played after every retry. */
export function TroubleCard({ onRetry }: { onRetry: () => void }): JSX.Element {
  return (
    <div class="player-card" role="alert">
      <h2>{t('player.failedTitle')}</h2>
      <p>{t('player.failedText')}</p>
      <button type="button" class="button button-primary" onClick={onRetry}>
        {t('player.retry')}
      </button>
    </div>
  )
}
