import type { JSX } from 'preact'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText, clockText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

const EVERY_MS = 10_000
const SHOWS_MAX = 5

/** The channel's last shows, each a way to its details. */
export function PastShows({ channelId }: { channelId: string }): JSX.Element | null {
  const shows = usePolled(`past ${channelId}`, EVERY_MS, signal =>
    call('GET /v1/streams', { query: { channel: channelId, state: 'ended', limit: SHOWS_MAX }, signal }),
  )
  const data = shows.value?.data ?? []
  if (data.length === 0) return null
  return (
    <section class="card" aria-labelledby="past-title">
      <h2 id="past-title">{t('studio.past')}</h2>
      <ul class="past-list">
        {data.map(stream => (
          <li key={stream.id}>
            <a href={`/studio/streams/${stream.id}`}>
              <span>
                {stream.title}
                <span class="muted figures">
                  {stream.ended_at !== null && agoText(currentLanguage(), Date.parse(stream.ended_at), serverNow())}
                  {stream.duration_ms !== null && ` · ${clockText(stream.duration_ms)}`}
                </span>
              </span>
              <Icon name="arrow" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
