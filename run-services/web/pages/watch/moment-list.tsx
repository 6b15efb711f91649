import type { JSX } from 'preact'
import type { Marker, Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'

/** The marked moments of a show, each a way to it. `onPick` gets the epoch ms at which it was on air. */
export function MomentList({
  stream,
  markers,
  onPick,
}: {
  stream: Stream
  markers: readonly Marker[]
  onPick: (atMs: number) => void
}): JSX.Element {
  const startMs = stream.started_at === null ? 0 : Date.parse(stream.started_at)
  return (
    <section class="moments" aria-labelledby="moments-title">
      <h2 id="moments-title">{t('moments.title')}</h2>
      <ol>
        {markers.map(marker => (
          <li key={marker.id}>
            <button type="button" class="moment" onClick={() => onPick(startMs + marker.at_ms)}>
              <span class="moment-time figures">{clockText(marker.at_ms)}</span>
              <span>{marker.note ?? markerName(marker.kind)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** A marker's kind as a person reads it: `key-moment` becomes `Key moment`. */
export function markerName(kind: string): string {
  const words = kind.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
