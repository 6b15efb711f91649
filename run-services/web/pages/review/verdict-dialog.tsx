import type { JSX, TargetedSubmitEvent } from 'preact'
import { useState } from 'preact/hooks'
import type { QueuedClip } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { Dialog } from '../ui/dialog.tsx'
import type { Verdict } from './use-verdicts.ts'

const REASONS: readonly PlainTextKey[] = [
  'review.whyPicture',
  'review.whyWords',
  'review.whyRights',
  'review.whyPeople',
  'review.whyContext',
]
const REASON_CHARS_MAX = 500

type VerdictDialogProps = {
  queued: QueuedClip
  verdict: Verdict['verdict']
  onDecide: (verdict: Verdict) => void
  onClose: () => void
}

/** Asks before a verdict, which cannot be taken back; a rejection says why. */
export function VerdictDialog({ queued, verdict, onDecide, onClose }: VerdictDialogProps): JSX.Element {
  const [picked, setPicked] = useState<ReadonlySet<PlainTextKey>>(new Set())
  const [text, setText] = useState('')
  const reason = [...REASONS.filter(key => picked.has(key)).map(key => t(key)), text.trim()]
    .filter(part => part !== '')
    .join(' · ')
    .slice(0, REASON_CHARS_MAX)
  const rejecting = verdict === 'reject'
  const left = queued.approvals_needed - queued.reviews.filter(review => review.verdict === 'approve').length - 1
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (rejecting && reason === '') return
    onDecide(rejecting ? { verdict, reason } : { verdict })
  }
  const toggle = (key: PlainTextKey): void =>
    setPicked(known => {
      const next = new Set(known)
      if (!next.delete(key)) next.add(key)
      return next
    })
  return (
    <Dialog title={t(rejecting ? 'review.rejectTitle' : 'review.approveTitle')} onClose={onClose}>
      <form class="verdict" onSubmit={submit}>
        <p>
          <strong>{queued.clip.title}</strong>
        </p>
        <p class="muted">
          {t(rejecting ? 'review.rejectText' : left > 0 ? 'review.approveMore' : 'review.approveText')}
        </p>
        {rejecting && (
          <>
            <ReasonChoice picked={picked} onToggle={toggle} />
            <label class="field">
              <span class="field-label">{t('review.words')}</span>
              <textarea
                class="input"
                rows={3}
                maxLength={REASON_CHARS_MAX}
                value={text}
                onInput={event => setText(event.currentTarget.value)}
              />
            </label>
          </>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('dialog.cancel')}
          </button>
          <button
            type="submit"
            class={rejecting ? 'button button-danger' : 'button button-primary'}
            disabled={rejecting && reason === ''}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the question was asked for, and Enter answers it
            autoFocus={!rejecting}
          >
            {t(rejecting ? 'review.reject' : 'review.approve')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

type ReasonChoiceProps = { picked: ReadonlySet<PlainTextKey>; onToggle: (key: PlainTextKey) => void }

function ReasonChoice({ picked, onToggle }: ReasonChoiceProps): JSX.Element {
  return (
    <fieldset class="chips">
      <legend class="field-label">{t('review.why')}</legend>
      {REASONS.map(key => (
        <label key={key} class="chip-choice">
          <input type="checkbox" class="visually-hidden" checked={picked.has(key)} onChange={() => onToggle(key)} />
          <span>{t(key)}</span>
        </label>
      ))}
    </fieldset>
  )
}
