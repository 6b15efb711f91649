import { useEffect, useState } from 'preact/hooks'
import { en } from './catalogue-en.ts'
import type { PageLanguage } from '../../page-language.ts'

export type TextKey = keyof typeof en
export type Catalogue = Readonly<Record<TextKey, string>>

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Values<Key extends TextKey> = [Names<(typeof en)[Key]>] extends [never]
  ? []
  : [values: Record<Names<(typeof en)[Key]>, string | number>]

/** The texts that stand by themselves, without names to fill in. */
export type PlainTextKey = { [Key in TextKey]: [Names<(typeof en)[Key]>] extends [never] ? Key : never }[TextKey]

const COOKIE_S = 31_536_000

const CATALOGUES: Record<PageLanguage, () => Promise<Catalogue>> = {
  en: async () => en,
  id: async () => (await import('./catalogue-id.ts')).id,
  vi: async () => (await import('./catalogue-vi.ts')).vi,
  th: async () => (await import('./catalogue-th.ts')).th,
  'zh-Hans': async () => (await import('./catalogue-zh-hans.ts')).zhHans,
}

let catalogue: Catalogue = en
let language: PageLanguage = 'en'
const listeners = new Set<() => void>()

/** The text for a key in the page's language, its `{names}` filled in. */
export function t<Key extends TextKey>(key: Key, ...[values]: Values<Key>): string {
  const text = catalogue[key]
  if (values === undefined) return text
  const filled: Record<string, string | number> = values
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole))
}

export function currentLanguage(): PageLanguage {
  return language
}

/** Switches every text at once, without reloading what plays, and remembers the choice for the server. */
export async function speak(next: PageLanguage, remember: boolean): Promise<void> {
  catalogue = await CATALOGUES[next]()
  language = next
  document.documentElement.lang = next
  // oxlint-disable-next-line unicorn/no-document-cookie -- the server reads it on the next request
  if (remember) document.cookie = `language=${next}; path=/; max-age=${COOKIE_S}; samesite=lax`
  for (const listener of listeners) listener()
}

/** Redraws the component that calls it when the language changes. */
export function useLanguage(): PageLanguage {
  const [, redraw] = useState(0)
  useEffect(() => {
    const listener = (): void => redraw(count => count + 1)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
  return language
}
