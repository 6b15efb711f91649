import type { JSX, TargetedSubmitEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import type { Marker, Stream } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { markerName } from '../watch/moment-list.tsx'

const NOTE_CHARS_MAX = 280

/** Marks moments while they happen, so that they are found again. */
export function MarkersCard({
  stream,
  token,
  markers,
  onMarked,
}: {
  stream: Stream
  token: string
  markers: readonly Marker[]
  onMarked: () => void
}): JSX.Element {
  const note = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const mark = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const text = note.current?.value.trim() ?? ''
    setBusy(true)
    setProblem(undefined)
    try {
      await call('POST /v1/streams/{id}/markers', {
        params: { id: stream.id },
        body: { kind: 'highlight', ...(text === '' ? {} : { note: text }) },
        token,
      })
      if (note.current !== null) note.current.value = ''
      onMarked()
    } catch (error) {
      setProblem(error)
    }
    setBusy(false)
  }
  return (
    <section class="card" aria-labelledby="markers-title">
      <h2 id="markers-title">{t('moments.title')}</h2>
      <form class="mark-form" onSubmit={event => void mark(event)}>
        <input
          ref={note}
          class="input"
          aria-label={t('markers.note')}
          placeholder={t('markers.note')}
          maxLength={NOTE_CHARS_MAX}
        />
        <button type="submit" class="button" disabled={busy}>
          <Icon name="flag" />
          {t('markers.mark')}
        </button>
      </form>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {markers.length === 0 ? (
        <p class="card-hint">{t('markers.none')}</p>
      ) : (
        <ol class="marker-list">
          {markers.toReversed().map(marker => (
            <li key={marker.id}>
              <span class="moment-time figures">{clockText(marker.at_ms)}</span>
              <span>{marker.note ?? markerName(marker.kind)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
