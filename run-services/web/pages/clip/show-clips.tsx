import type { JSX } from 'preact'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { t } from '../i18n/translate.ts'
import { ClipTile } from './clip-tile.tsx'

const EVERY_MS = 4_000
const CLIPS_MAX = 24

/** The clips made of one show, newest first. */
export function ShowClips({ streamId, token }: { streamId: string; token: string }): JSX.Element {
  const clips = usePolled(`show clips ${streamId}`, EVERY_MS, signal =>
    call('GET /v1/clips', { query: { stream: streamId, limit: CLIPS_MAX }, token, signal }),
  )
  const data = clips.value?.data ?? []
  return (
    <section class="card" aria-labelledby="show-clips-title">
      <header class="card-head">
        <h2 id="show-clips-title">{t('clips.title')}</h2>
        {data.length > 0 && (
          <a class="button button-quiet" href="/studio/clips">
            {t('clips.all')}
          </a>
        )}
      </header>
      {clips.value !== undefined && data.length === 0 && <p class="card-hint">{t('clips.noneOfShow')}</p>}
      {data.length > 0 && (
        <ul class="clip-grid">
          {data.map(clip => (
            <li key={clip.id}>
              <ClipTile clip={clip} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
