import type { JSX } from 'preact'
import type { TimelineItem } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { timelineRows } from './timeline-rows.ts'
import type { TimelineRow } from './timeline-rows.ts'

const WORDS: Readonly<Record<string, { word: PlainTextKey; tone: 'ok' | 'warn' | 'bad' | 'plain' }>> = {
  'ingest.connected': { word: 'event.connected', tone: 'plain' },
  'ingest.disconnected': { word: 'event.disconnected', tone: 'warn' },
  'stream.started': { word: 'event.started', tone: 'ok' },
  'stream.reconnecting': { word: 'event.reconnecting', tone: 'warn' },
  'stream.resumed': { word: 'event.resumed', tone: 'ok' },
  'stream.ended': { word: 'event.ended', tone: 'plain' },
  'stream.archived': { word: 'event.archived', tone: 'ok' },
  'stream.failed': { word: 'event.failed', tone: 'bad' },
  'stream.health_changed': { word: 'event.health', tone: 'plain' },
  'marker.added': { word: 'event.marker', tone: 'plain' },
  'cue.sent': { word: 'event.cue', tone: 'plain' },
}

function detailOf(row: TimelineRow): string | undefined {
  const { note, health } = row.data
  if (typeof note === 'string') return note
  if (typeof health === 'object' && health !== null && 'sentence' in health) return String(health.sentence)
  return undefined
}

/** Everything that happened in a show, oldest first; segments that follow each other are one line. */
export function StreamTimeline({ items, more }: { items: readonly TimelineItem[]; more: boolean }): JSX.Element {
  const clock = new Intl.DateTimeFormat(currentLanguage(), { timeStyle: 'medium' })
  return (
    <section class="card" aria-labelledby="timeline-title">
      <h2 id="timeline-title">{t('event.title')}</h2>
      <ol class="timeline">
        {timelineRows(items).map(row => {
          const known = WORDS[row.type]
          const detail = detailOf(row)
          return (
            <li key={row.id} data-tone={known?.tone ?? 'plain'}>
              <time dateTime={row.time}>{clock.format(new Date(row.time))}</time>
              <span class="timeline-dot" aria-hidden="true" />
              <span>
                {row.count > 1 || row.type === 'segment.finalized'
                  ? t('event.segments', { count: row.count })
                  : known === undefined
                    ? row.type
                    : t(known.word)}
                {detail !== undefined && <span class="muted"> {detail}</span>}
              </span>
              <span class="muted figures">{row.at_ms !== null && clockText(row.at_ms)}</span>
            </li>
          )
        })}
      </ol>
      {more && <p class="card-hint">{t('event.more')}</p>}
    </section>
  )
}
