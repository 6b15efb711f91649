import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import { render } from 'preact'
import { readPageConfig } from './read-page-config.ts'
import { speak } from './i18n/translate.ts'
import { PageRoot } from './page-root.tsx'

const root = document.querySelector('#app')
if (root !== null) {
  await speak(readPageConfig().language)
  render(<PageRoot />, root)
}
