import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Channel, Stream } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { LivePill } from '../ui/live-pill.tsx'
import type { PlaybackSource } from '../watch/playback-source.ts'

const TICK_MS = 500

/** What viewers see, muted, with how long it has been on and how far behind they are; waits while nothing is on. */
export function ProgramPreview({ channel, stream }: { channel: Channel; stream: Stream | undefined }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const source = useRef<PlaybackSource | undefined>(undefined)
  const [muted, setMuted] = useState(true)
  const [figures, setFigures] = useState<{ elapsedMs: number; behindMs: number | undefined; leftS: number }>()
  useEffect(() => {
    const element = video.current
    if (stream === undefined || element === null) return undefined
    let left = false
    void import('../watch/open-source.ts').then(({ openSource }) => {
      if (left) return undefined
      source.current = openSource(element, { url: stream.playback.hls_url, startAtMs: undefined, onFailed: () => undefined })
      return element.play().catch(() => undefined)
    })
    return () => {
      left = true
      source.current?.close()
      source.current = undefined
    }
  }, [stream?.id])
  useEffect(() => {
    if (stream === undefined) {
      setFigures(undefined)
      return undefined
    }
    const tick = (): void => {
      const now = serverNow()
      const playingAt = source.current?.playingAtMs()
      const end = stream.reconnect_until === null ? now : Date.parse(stream.reconnect_until)
      setFigures({
        elapsedMs: stream.started_at === null ? 0 : now - Date.parse(stream.started_at),
        behindMs: playingAt === undefined ? undefined : now - playingAt,
        leftS: Math.max(0, Math.ceil((end - now) / 1000)),
      })
    }
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }, [stream])
  return (
    <section class="program" aria-label={t('studio.preview')} data-state={stream?.state ?? 'off'}>
      {stream !== undefined && (
        <>
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- the creator's own live picture */}
          <video ref={video} muted={muted} playsInline aria-label={stream.title} />
          <p class="program-state">
            <LivePill stream={stream} />
            {figures !== undefined && <span class="program-clock figures">{clockText(figures.elapsedMs)}</span>}
            {figures?.behindMs !== undefined && stream.state === 'live' && (
              <span class="program-clock figures">
                {t('player.behind', { amount: t('player.seconds', { seconds: (figures.behindMs / 1000).toFixed(1) }) })}
              </span>
            )}
          </p>
          <button
            type="button"
            class="control program-sound"
            aria-label={t(muted ? 'player.unmute' : 'player.mute')}
            onClick={() => setMuted(!muted)}
          >
            <Icon name={muted ? 'muted' : 'volume'} />
          </button>
        </>
      )}
      {stream === undefined && (
        <div class="program-wait" role="status">
          <span class="program-lamp" aria-hidden="true" />
          <h2>{t(channel.state === 'disabled' ? 'studio.disabledTitle' : 'studio.waitingTitle')}</h2>
          <p class="muted">{t(channel.state === 'disabled' ? 'studio.disabledText' : 'studio.waitingText')}</p>
        </div>
      )}
      {stream?.state === 'reconnecting' && (
        <div class="program-wait program-lost" role="status">
          <h2>{t('studio.lostTitle')}</h2>
          <p>{t('studio.lostText', { seconds: figures?.leftS ?? 0 })}</p>
        </div>
      )}
    </section>
  )
}
