import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

/** Nothing is on the air: an invitation, with the three steps to be the first. */
export function EmptyFront(): JSX.Element {
  const steps = [t('front.emptyStep1'), t('front.emptyStep2'), t('front.emptyStep3')]
  return (
    <section class="empty-front" aria-labelledby="empty-title">
      <span class="empty-tally" aria-hidden="true" />
      <h1 id="empty-title">{t('front.emptyTitle')}</h1>
      <p class="muted">{t('front.emptyText')}</p>
      <a class="button button-primary" href="/studio">
        {t('front.emptyAction')}
        <Icon name="arrow" />
      </a>
      <ol class="empty-steps">
        {steps.map((step, index) => (
          <li key={step}>
            <span class="figures" aria-hidden="true">
              {index + 1}
            </span>
            {step}
          </li>
        ))}
      </ol>
    </section>
  )
}
