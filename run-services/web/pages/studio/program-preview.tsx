import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Channel, Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { LivePill } from '../ui/live-pill.tsx'
import { useProgram } from './use-program.ts'

/** What viewers see, muted, with how long it has been on and how far behind they are; waits while nothing is on. */
export function ProgramPreview({ channel, stream }: { channel: Channel; stream: Stream | undefined }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const [muted, setMuted] = useState(true)
  const figures = useProgram(stream, video)
  const behind = stream?.state === 'live' ? figures?.behindMs : undefined
  return (
    <section class="program" aria-label={t('studio.preview')}>
      {stream !== undefined && (
        <>
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- the creator's own live picture */}
          <video ref={video} muted={muted} playsInline aria-label={stream.title} />
          <p class="program-state">
            <LivePill stream={stream} />
            {figures !== undefined && <span class="program-clock figures">{clockText(figures.elapsedMs)}</span>}
            {behind !== undefined && (
              <span class="program-clock figures">
                {t('player.behind', { amount: t('player.seconds', { seconds: (behind / 1000).toFixed(1) }) })}
              </span>
            )}
          </p>
          <button
            type="button"
            class="program-sound"
            aria-label={t(muted ? 'player.unmute' : 'player.mute')}
            onClick={() => setMuted(!muted)}
          >
            <Icon name={muted ? 'muted' : 'volume'} />
          </button>
        </>
      )}
      <div class="program-cards" aria-live="polite">
        {stream === undefined && <Waiting disabled={channel.state === 'disabled'} />}
        {stream?.state === 'reconnecting' && (
          <div class="program-wait program-lost">
            <h2>{t('studio.lostTitle')}</h2>
            <p>{t('studio.lostText', { seconds: figures?.leftS ?? 0 })}</p>
          </div>
        )}
      </div>
    </section>
  )
}

function Waiting({ disabled }: { disabled: boolean }): JSX.Element {
  return (
    <div class="program-wait">
      <span class="program-lamp" aria-hidden="true" />
      <h2>{t(disabled ? 'studio.disabledTitle' : 'studio.waitingTitle')}</h2>
      <p class="muted">{t(disabled ? 'studio.disabledText' : 'studio.waitingText')}</p>
    </div>
  )
}
