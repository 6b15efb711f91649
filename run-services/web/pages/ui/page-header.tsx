import type { ComponentChildren, JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Icon } from './icon.tsx'
import { LanguagePicker } from './language-picker.tsx'

/** The head of every screen: who we are, language, and the way to the studio or whatever the screen puts there. */
export function PageHeader({ children }: { children?: ComponentChildren }): JSX.Element {
  return (
    <header class="page-header">
      <a class="wordmark" href="/" aria-label={t('nav.home')}>
        <svg class="wordmark-tally" viewBox="0 0 26 18" aria-hidden="true">
          <rect x="0" y="3" width="15" height="15" rx="3.5" fill="currentColor" />
          <path d="M17 8.200 24 4v13l-7-4.200z" fill="currentColor" />
          <circle cx="21.500" cy="3.500" r="3.500" fill="var(--live)" />
        </svg>
        Showreel
      </a>
      <nav aria-label={t('nav.main')}>
        <LanguagePicker />
        {children ?? (
          <a class="button" href="/studio">
            <Icon name="signal" />
            {t('nav.goLive')}
          </a>
        )}
      </nav>
    </header>
  )
}
