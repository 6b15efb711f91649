import type { JSX } from 'preact'
import type { Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'

/** What a show is doing, in a word and a colour: live, waiting for its creator, or over with its length. */
export function LivePill({ stream }: { stream: Pick<Stream, 'state' | 'duration_ms'> }): JSX.Element {
  if (stream.state === 'live') return <span class="live-pill">{t('show.live')}</span>
  if (stream.state === 'connecting' || stream.state === 'reconnecting') {
    return (
      <span class="live-pill" data-state="waiting">
        {t(stream.state === 'connecting' ? 'show.starting' : 'show.paused')}
      </span>
    )
  }
  return (
    <span class="live-pill figures" data-state="ended">
      {stream.duration_ms === null ? t('show.ended') : clockText(stream.duration_ms)}
    </span>
  )
}
