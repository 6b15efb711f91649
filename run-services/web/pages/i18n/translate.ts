import { useEffect, useState } from 'preact/hooks'
import type { PageLanguage } from '../../page-language.ts'
import type { en } from './catalogue-en.ts'
import type { studioEn } from './studio-catalogue-en.ts'

type English = typeof en & typeof studioEn
export type TextKey = keyof English
export type Catalogue = Readonly<Record<keyof typeof en, string>>
export type StudioCatalogue = Readonly<Record<keyof typeof studioEn, string>>

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Values<Key extends TextKey> = [Names<English[Key]>] extends [never]
  ? []
  : [values: Record<Names<English[Key]>, string | number>]
/** The texts that stand by themselves, without names to fill in. */
export type PlainTextKey = { [Key in TextKey]: [Names<English[Key]>] extends [never] ? Key : never }[TextKey]

const COOKIE_S = 31_536_000

const VIEWERS: Record<PageLanguage, () => Promise<Catalogue>> = {
  en: async () => (await import('./catalogue-en.ts')).en,
  id: async () => (await import('./catalogue-id.ts')).id,
  vi: async () => (await import('./catalogue-vi.ts')).vi,
  th: async () => (await import('./catalogue-th.ts')).th,
  'zh-Hans': async () => (await import('./catalogue-zh-hans.ts')).zhHans,
}
const STUDIO: Record<PageLanguage, () => Promise<StudioCatalogue>> = {
  en: async () => (await import('./studio-catalogue-en.ts')).studioEn,
  id: async () => (await import('./studio-catalogue-id.ts')).studioId,
  vi: async () => (await import('./studio-catalogue-vi.ts')).studioVi,
  th: async () => (await import('./studio-catalogue-th.ts')).studioTh,
  'zh-Hans': async () => (await import('./studio-catalogue-zh-hans.ts')).studioZhHans,
}

let texts: Partial<Record<TextKey, string>> = {}
let language: PageLanguage = 'en'
let withStudio = false
const listeners = new Set<() => void>()

/** The text for a key in the page's language, its `{names}` filled in. */
export function t<Key extends TextKey>(key: Key, ...[values]: Values<Key>): string {
  const text = texts[key] ?? key
  if (values === undefined) return text
  const filled: Record<string, string | number> = values
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole))
}

export function currentLanguage(): PageLanguage {
  return language
}

/** Switches every text at once, without reloading what plays; rejects and changes nothing when they cannot be loaded. */
export async function speak(next: PageLanguage): Promise<void> {
  const [viewers, studio] = await Promise.all([VIEWERS[next](), withStudio ? STUDIO[next]() : undefined])
  texts = { ...viewers, ...studio }
  language = next
  document.documentElement.lang = next
  for (const listener of listeners) listener()
}

/** Has the server and this page speak that language from now on. */
export function rememberLanguage(next: PageLanguage): void {
  // oxlint-disable-next-line unicorn/no-document-cookie -- the server reads it with the next page
  document.cookie = `language=${next}; path=/; max-age=${COOKIE_S}; samesite=lax`
}

/** Loads the studio's texts, which viewers never pay for; resolves when `t` has them. */
export async function speakStudio(): Promise<void> {
  if (withStudio) return
  withStudio = true
  texts = { ...texts, ...(await STUDIO[language]()) }
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
