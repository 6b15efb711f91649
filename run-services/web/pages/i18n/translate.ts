import { useEffect, useState } from 'preact/hooks'
import type { PageLanguage } from '../../page-language.ts'
import type { en } from './catalogue-en.ts'
import type { feedEn } from './feed-catalogue-en.ts'
import type { playerEn } from './player-catalogue-en.ts'
import type { studioEn } from './studio-catalogue-en.ts'

type English = typeof en & typeof feedEn & typeof playerEn & typeof studioEn
export type TextKey = keyof English
export type Catalogue = Readonly<Record<keyof typeof en, string>>
export type FeedCatalogue = Readonly<Record<keyof typeof feedEn, string>>
export type PlayerCatalogue = Readonly<Record<keyof typeof playerEn, string>>
export type StudioCatalogue = Readonly<Record<keyof typeof studioEn, string>>

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Values<Key extends TextKey> = [Names<English[Key]>] extends [never]
  ? []
  : [values: Record<Names<English[Key]>, string | number>]
/** The texts that stand by themselves, without names to fill in. */
export type PlainTextKey = { [Key in TextKey]: [Names<English[Key]>] extends [never] ? Key : never }[TextKey]

const COOKIE_S = 31_536_000

type Texts = Readonly<Partial<Record<TextKey, string>>>
/** The texts come in parts, each loaded with the first screen that needs it. */
export type TextPart = 'shell' | 'feed' | 'player' | 'studio'

const PARTS: Record<TextPart, Record<PageLanguage, () => Promise<Texts>>> = {
  shell: {
    en: async () => (await import('./catalogue-en.ts')).en,
    id: async () => (await import('./catalogue-id.ts')).id,
    vi: async () => (await import('./catalogue-vi.ts')).vi,
    th: async () => (await import('./catalogue-th.ts')).th,
    'zh-Hans': async () => (await import('./catalogue-zh-hans.ts')).zhHans,
  },
  feed: {
    en: async () => (await import('./feed-catalogue-en.ts')).feedEn,
    id: async () => (await import('./feed-catalogue-id.ts')).feedId,
    vi: async () => (await import('./feed-catalogue-vi.ts')).feedVi,
    th: async () => (await import('./feed-catalogue-th.ts')).feedTh,
    'zh-Hans': async () => (await import('./feed-catalogue-zh-hans.ts')).feedZhHans,
  },
  player: {
    en: async () => (await import('./player-catalogue-en.ts')).playerEn,
    id: async () => (await import('./player-catalogue-id.ts')).playerId,
    vi: async () => (await import('./player-catalogue-vi.ts')).playerVi,
    th: async () => (await import('./player-catalogue-th.ts')).playerTh,
    'zh-Hans': async () => (await import('./player-catalogue-zh-hans.ts')).playerZhHans,
  },
  studio: {
    en: async () => (await import('./studio-catalogue-en.ts')).studioEn,
    id: async () => (await import('./studio-catalogue-id.ts')).studioId,
    vi: async () => (await import('./studio-catalogue-vi.ts')).studioVi,
    th: async () => (await import('./studio-catalogue-th.ts')).studioTh,
    'zh-Hans': async () => (await import('./studio-catalogue-zh-hans.ts')).studioZhHans,
  },
}

let texts: Texts = {}
let language: PageLanguage = 'en'
const spoken = new Set<TextPart>(['shell'])
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
  const loaded = await Promise.all([...spoken].map(part => PARTS[part][next]()))
  texts = Object.assign({}, ...loaded) as Texts
  language = next
  document.documentElement.lang = next
  for (const listener of listeners) listener()
}

/** Has the server and this page speak that language from now on. */
export function rememberLanguage(next: PageLanguage): void {
  // oxlint-disable-next-line unicorn/no-document-cookie -- the server reads it with the next page
  document.cookie = `language=${next}; path=/; max-age=${COOKIE_S}; samesite=lax`
}

/** Loads the texts of parts that a screen is about to need; resolves when `t` has them. */
export async function speakParts(...parts: readonly TextPart[]): Promise<void> {
  const missing = parts.filter(part => !spoken.has(part))
  for (const part of missing) spoken.add(part)
  const loaded = await Promise.all(missing.map(part => PARTS[part][language]()))
  texts = Object.assign({}, texts, ...loaded) as Texts
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
