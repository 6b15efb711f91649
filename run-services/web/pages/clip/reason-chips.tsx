import type { JSX } from 'preact'
import type { Clip } from '../api/api-routes.ts'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'

type Reason = Clip['reasons'][number]

function words(reason: Reason): string {
  const { signal, value, baseline } = reason
  if (signal === 'loudness' && baseline !== undefined) {
    return t('reason.loudnessBy', { decibels: (value - baseline).toFixed(0) })
  }
  if ((signal === 'chat' || signal === 'viewers' || signal === 'motion') && baseline !== undefined && baseline > 0) {
    return `${t(`reason.${signal}`)} ×${(value / baseline).toFixed(1)}`
  }
  return t(`reason.${signal}`)
}

/** Why a range was picked: each thing that was measured, what it added, and where it was. */
export function ReasonChips({ reasons }: { reasons: readonly Reason[] }): JSX.Element | null {
  if (reasons.length === 0) return null
  return (
    <ul class="reasons" aria-label={t('reason.title')}>
      {reasons
        .toSorted((a, b) => b.added - a.added)
        .map(reason => (
          <li key={`${reason.signal} ${reason.at_ms}`} class="chip" data-signal={reason.signal}>
            {words(reason)}
            {reason.note !== undefined && <span class="reason-note">“{reason.note}”</span>}
            <span class="muted figures">
              +{reason.added.toFixed(1)} · {clockText(reason.at_ms)}
            </span>
          </li>
        ))}
    </ul>
  )
}
