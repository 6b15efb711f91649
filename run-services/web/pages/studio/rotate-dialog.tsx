import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'

const GRACES_S = [0, 300, 3_600] as const

/** Asks when the old key stops working, then makes the new one. */
export function RotateDialog({
  rotating,
  onMake,
  onClose,
}: {
  rotating: boolean
  onMake: (graceS: number) => Promise<void>
  onClose: () => void
}): JSX.Element {
  const [grace, setGrace] = useState<number>(GRACES_S[1])
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const names: Readonly<Record<number, string>> = {
    0: t('rotate.now'),
    300: t('rotate.minutes'),
    3600: t('rotate.hour'),
  }
  const make = async (): Promise<void> => {
    setBusy(true)
    await onMake(grace).catch(setProblem)
    setBusy(false)
  }
  return (
    <Dialog title={t(rotating ? 'rotate.title' : 'rotate.firstTitle')} onClose={onClose}>
      <p class="muted">{t(rotating ? 'rotate.text' : 'rotate.firstText')}</p>
      {rotating && (
        <fieldset class="choice">
          <legend class="field-label">{t('rotate.question')}</legend>
          {GRACES_S.map(seconds => (
            <label key={seconds}>
              <input type="radio" name="grace" checked={grace === seconds} onChange={() => setGrace(seconds)} />
              <span>{names[seconds]}</span>
            </label>
          ))}
        </fieldset>
      )}
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('dialog.cancel')}
        </button>
        <button type="button" class="button button-primary" disabled={busy} onClick={() => void make()}>
          {t('rotate.make')}
        </button>
      </div>
    </Dialog>
  )
}
