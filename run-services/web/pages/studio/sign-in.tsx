import type { JSX, TargetedSubmitEvent } from 'preact'
import { useState } from 'preact/hooks'
import { readPageConfig } from '../read-page-config.ts'
import { t } from '../i18n/translate.ts'
import { formText } from '../ui/form-text.ts'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'

/** The studio's door. */
export function SignIn({ onSignIn }: { onSignIn: (name: string) => Promise<void> }): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const name = formText(new FormData(event.currentTarget), 'name')
    setBusy(true)
    await onSignIn(name).catch(setProblem)
    setBusy(false)
  }
  return (
    <section class="sign-in" aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">{t('studio.signInTitle')}</h1>
      <p class="muted">{t('studio.signInText')}</p>
      {readPageConfig().dev_tokens ? (
        <form class="sign-in-form" onSubmit={event => void submit(event)}>
          <label class="field">
            <span class="field-label">{t('studio.name')}</span>
            <input
              class="input"
              name="name"
              required
              maxLength={40}
              autoComplete="username"
              placeholder={t('studio.namePlaceholder')}
            />
          </label>
          <button type="submit" class="button button-primary" disabled={busy}>
            {t('studio.signIn')}
            <Icon name="arrow" />
          </button>
        </form>
      ) : (
        <p>{t('studio.signInElsewhere')}</p>
      )}
      {problem !== undefined && <ProblemNotice problem={problem} />}
    </section>
  )
}
