import type { PageConfig } from '../page-config.ts'

/** What the server says to this page; safe defaults when the block is missing. */
export function readPageConfig(): PageConfig {
  const text = document.querySelector('#page-config')?.textContent
  const fallback: PageConfig = { dev_tokens: false, language: 'en' }
  return text ? { ...fallback, ...(JSON.parse(text) as Partial<PageConfig>) } : fallback
}
