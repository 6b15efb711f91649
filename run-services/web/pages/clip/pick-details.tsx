import type { JSX } from 'preact'
import { clockText } from '../i18n/format-time.ts'
import { t } from '../i18n/translate.ts'
import { ReasonChips } from './reason-chips.tsx'
import type { ClipPick } from './signal-curves.tsx'

type PickDetailsProps = { pick: ClipPick; disabled: boolean; onUse: () => void }

/** What the rules saw in a highlight, and the way to take its range. */
export function PickDetails({ pick, disabled, onUse }: PickDetailsProps): JSX.Element {
  return (
    <div class="pick" aria-live="polite">
      <p class="pick-head">
        <strong class="figures">
          {clockText(pick.start_ms)}–{clockText(pick.end_ms)}
        </strong>
        <span class="muted">
          {t('reason.score')} <span class="figures">{pick.score.toFixed(1)}</span>
        </span>
      </p>
      <ReasonChips reasons={pick.reasons} />
      <button type="button" class="button" disabled={disabled} onClick={onUse}>
        {t('editor.usePick')}
      </button>
    </div>
  )
}
