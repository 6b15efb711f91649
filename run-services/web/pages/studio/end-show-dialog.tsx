import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'

/** Asks before a show is ended for good. */
export function EndShowDialog({ onEnd, onClose }: { onEnd: () => Promise<void>; onClose: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const end = async (): Promise<void> => {
    setBusy(true)
    await onEnd().catch(setProblem)
    setBusy(false)
  }
  return (
    <Dialog title={t('end.title')} onClose={onClose}>
      <p class="muted">{t('end.text')}</p>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('end.keep')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void end()}>
          {t('end.confirm')}
        </button>
      </div>
    </Dialog>
  )
}
