import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import type { Channel, StreamKey } from '../api/api-routes.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icon.tsx'
import { RotateDialog } from './rotate-dialog.tsx'

const KEYS_EVERY_MS = 15_000
const KEYS_MAX = 20

type EncoderCardProps = {
  channel: Channel
  token: string
  /** The key's secret, while this tab still knows it. */
  secret: string | undefined
  onKey: (key: StreamKey) => void
}

/** What an encoder has to know: the server, and the key that is told once. */
export function EncoderCard({ channel, token, secret, onKey }: EncoderCardProps): JSX.Element {
  const [rotating, setRotating] = useState(false)
  const keys = usePolled(`keys ${channel.id}`, KEYS_EVERY_MS, signal =>
    call('GET /v1/channels/{id}/stream-keys', {
      params: { id: channel.id },
      query: { limit: KEYS_MAX },
      token,
      signal,
    }),
  )
  const active = keys.value?.data.find(key => key.state === 'active')
  const retiring = keys.value?.data.filter(key => key.state === 'retiring' && key.expires_at !== null) ?? []
  const server = channel.ingest?.rtmp_url
  const newKey = async (graceS: number): Promise<void> => {
    const made =
      active === undefined
        ? await call('POST /v1/channels/{id}/stream-keys', { params: { id: channel.id }, body: {}, token })
        : await call('POST /v1/channels/{id}/stream-keys/{key}/rotate', {
            params: { id: channel.id, key: active.id },
            body: { grace_s: graceS },
            token,
          })
    onKey(made)
    keys.refresh()
    setRotating(false)
  }
  return (
    <section class="card" aria-labelledby="encoder-title">
      <header class="card-head">
        <h2 id="encoder-title">{t('encoder.title')}</h2>
        <button type="button" class="button button-quiet" onClick={() => setRotating(true)}>
          <Icon name="rotate" />
          {t(active === undefined && keys.value !== undefined ? 'encoder.newKey' : 'encoder.rotate')}
        </button>
      </header>
      {server === undefined ? (
        <p class="muted">{t('encoder.preparing')}</p>
      ) : (
        <CopyField label={t('encoder.server')} value={server} />
      )}
      {secret === undefined ? (
        <div class="copy-field">
          <span class="field-label">{t('encoder.key')}</span>
          <p class="copy-field-row copy-field-note muted">{t('encoder.keyHidden')}</p>
        </div>
      ) : (
        <>
          <CopyField key={secret} label={t('encoder.key')} value={secret} secret />
          <p class="card-hint">
            <Icon name="info" />
            {t('encoder.keyOnce')}
          </p>
        </>
      )}
      {retiring.map(key => (
        <p class="card-hint" key={key.id}>
          <Icon name="rotate" />
          {t('encoder.oldKey', { ago: agoText(currentLanguage(), Date.parse(key.expires_at ?? ''), Date.now()) })}
        </p>
      ))}
      {server !== undefined && secret !== undefined && (
        <details class="card-more">
          <summary>{t('encoder.command')}</summary>
          <CopyField label="ffmpeg" value={publishCommand(server, secret)} secret />
        </details>
      )}
      {rotating && <RotateDialog rotating={active !== undefined} onMake={newKey} onClose={() => setRotating(false)} />}
    </section>
  )
}

function publishCommand(server: string, secret: string): string {
  return `ffmpeg -re -i show.mp4 -c:v libx264 -preset veryfast -g 60 -c:a aac -f flv ${server}/${secret}`
}
