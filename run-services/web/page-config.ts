import type { PageLanguage } from './page-language.ts'

/** What the pages read before their first line runs; nothing secret. */
export type PageConfig = {
  /** Whether this machine gives development tokens (`POST /dev/token`). */
  dev_tokens: boolean
  language: PageLanguage
}
