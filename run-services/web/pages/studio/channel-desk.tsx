import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import type { Channel, StreamKey } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { EncoderCard } from './encoder-card.tsx'
import { EndShowDialog } from './end-show-dialog.tsx'
import { HealthPanel } from './health-panel.tsx'
import { LedgerLine } from './ledger-line.tsx'
import { MarkersCard } from './markers-card.tsx'
import { PastShows } from './past-shows.tsx'
import { ProgramPreview } from './program-preview.tsx'

const STREAM_EVERY_MS = 2_000
const HEALTH_EVERY_MS = 2_000
const LEDGER_EVERY_MS = 5_000
const MARKERS_EVERY_MS = 5_000
const MARKERS_MAX = 100

type ChannelDeskProps = {
  channel: Channel
  token: string
  secret: string | undefined
  onKey: (key: StreamKey) => void
  onChanged: () => void
}

/** One channel on the desk: what is on, how it feels, and everything needed to put something on. */
export function ChannelDesk({ channel, token, secret, onKey, onChanged }: ChannelDeskProps): JSX.Element {
  const [ending, setEnding] = useState(false)
  const id = channel.live_stream_id ?? undefined
  const params = { id: id ?? '' }
  const on = id !== undefined
  const shown = usePolled(
    `live ${id}`,
    STREAM_EVERY_MS,
    on ? signal => call('GET /v1/streams/{id}', { params, signal }) : undefined,
  )
  const health = usePolled(
    `health ${id}`,
    HEALTH_EVERY_MS,
    on ? signal => call('GET /v1/streams/{id}/health', { params, token, signal }) : undefined,
  )
  const ledger = usePolled(
    `ledger ${id}`,
    LEDGER_EVERY_MS,
    on ? signal => call('GET /v1/streams/{id}/ledger', { params, token, signal }) : undefined,
  )
  const markers = usePolled(
    `marks ${id}`,
    MARKERS_EVERY_MS,
    on ? signal => call('GET /v1/streams/{id}/markers', { params, query: { limit: MARKERS_MAX }, signal }) : undefined,
  )
  const stream = on ? shown.value : undefined
  const end = async (): Promise<void> => {
    await call('PUT /v1/streams/{id}/complete', { params, token })
    setEnding(false)
    onChanged()
  }
  return (
    <div class="desk" data-on={stream !== undefined}>
      <div class="desk-main">
        <ProgramPreview channel={channel} stream={stream} />
        {stream !== undefined && (
          <div class="desk-actions">
            <a class="button" href={`/w/${stream.id}`}>
              <Icon name="eye" />
              {t('studio.viewerPage')}
            </a>
            <a class="button" href={`/studio/streams/${stream.id}`}>
              <Icon name="signal" />
              {t('studio.details')}
            </a>
            <button type="button" class="button button-danger" onClick={() => setEnding(true)}>
              <Icon name="stop" />
              {t('end.button')}
            </button>
          </div>
        )}
        {stream !== undefined && health.value !== undefined && <HealthPanel health={health.value} stream={stream} />}
      </div>
      <div class="desk-side">
        {stream !== undefined && (
          <MarkersCard stream={stream} token={token} markers={markers.value?.data ?? []} onMarked={markers.refresh} />
        )}
        {stream !== undefined && ledger.value !== undefined && <LedgerLine ledger={ledger.value} />}
        <EncoderCard channel={channel} token={token} secret={secret} onKey={onKey} />
        <PastShows channelId={channel.id} />
      </div>
      {ending && <EndShowDialog onEnd={end} onClose={() => setEnding(false)} />}
    </div>
  )
}
