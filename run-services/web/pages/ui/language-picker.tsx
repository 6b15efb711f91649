import type { JSX, TargetedEvent } from 'preact'
import { PAGE_LANGUAGES } from '../../page-language.ts'
import { currentLanguage, rememberLanguage, speak, t } from '../i18n/translate.ts'
import { Icon } from './icon.tsx'

const NAMES: Record<(typeof PAGE_LANGUAGES)[number], string> = {
  en: 'English',
  id: 'Indonesia',
  vi: 'Tiếng Việt',
  th: 'ไทย',
  'zh-Hans': '简体中文',
}

/** Chooses the language of every text on the page, each named in itself. */
export function LanguagePicker(): JSX.Element {
  const change = (event: TargetedEvent<HTMLSelectElement>): void => {
    const next = PAGE_LANGUAGES.find(language => language === event.currentTarget.value)
    if (next === undefined) return
    rememberLanguage(next)
    void speak(next).catch(() => undefined)
  }
  return (
    <span class="language-picker">
      <Icon name="globe" />
      <select aria-label={t('nav.language')} value={currentLanguage()} onChange={change}>
        {PAGE_LANGUAGES.map(language => (
          <option key={language} value={language} lang={language}>
            {NAMES[language]}
          </option>
        ))}
      </select>
    </span>
  )
}
