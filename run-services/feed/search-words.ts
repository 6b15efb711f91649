/** Longest term, in characters; the column holds 64 and a prefix carries its mark. */
const TERM_CHARACTERS_MAX = 60
/** Longest beginning of a word that is kept as a term of its own, in characters. */
const PREFIX_CHARACTERS_MAX = 16
/** Words of one text that are looked at. */
const WORDS_MAX = 64
/** Terms one clip may have; the weightiest stay. */
const TERMS_MAX = 240
/** Words of a query that must match; the rest says nothing new. */
const QUERY_WORDS_MAX = 8
/** Marks the beginning of a word; no word ends with it. */
const PREFIX_MARK = '*'

/** What a match is worth, by where it stands; each is more than all below it together. */
const FIELD_WEIGHTS = { title: 8, tag: 4, creator: 2, show: 1 } as const

/** What a clip can be found by. */
export type Searchable = { title: string; tags: readonly string[]; creator: readonly string[]; show: string }

/** Letters whose mark is part of them. */
const BARE_LETTERS: Readonly<Record<string, string>> = { đ: 'd', ł: 'l', ø: 'o' }

/** The dictionaries of Thai, Lao, Khmer, Burmese, Chinese and Japanese come with every locale. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/**
 * A text as it is compared: compatibility forms alike, case folded (`ß` is `ss`, every sigma one), Latin, Greek and
 * Cyrillic letters without their marks. Marks of other scripts are letters to their readers and stay.
 */
export function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/gu, '')
    .normalize('NFC')
    .replace(/[đłø]/gu, letter => BARE_LETTERS[letter] ?? letter)
    .replace(/['’]/gu, '')
    .replaceAll('_', ' ')
}

/** The words of a text in any script, folded, in their order; words of languages without spaces are found by dictionary. */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const { segment } of segmenter.segment(foldText(text))) {
    if (words.length >= WORDS_MAX) break
    const word = firstCharacters(segment, TERM_CHARACTERS_MAX)
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word)) words.push(word)
  }
  return words
}

/** Every term a clip is found by, with its weight: its words, and their beginnings for a word that is still being typed. */
export function termsOf({ title, tags, creator, show }: Searchable): Map<string, number> {
  const weights = new Map<string, number>()
  const add = (texts: readonly string[], weight: number): void => {
    for (const word of texts.flatMap(wordsOf)) {
      for (const term of [word, ...beginningsOf(word)]) weights.set(term, (weights.get(term) ?? 0) | weight)
    }
  }
  add([title], FIELD_WEIGHTS.title)
  add(tags, FIELD_WEIGHTS.tag)
  add(creator, FIELD_WEIGHTS.creator)
  add([show], FIELD_WEIGHTS.show)
  return new Map([...weights].sort(([, a], [, b]) => b - a).slice(0, TERMS_MAX))
}

/**
 * The terms that all must be there for a query, the most telling one first: results are walked along it. The last word
 * matches whatever begins with it. Empty when the query has no words.
 */
export function queryTerms(query: string): string[] {
  const words = wordsOf(query).slice(0, QUERY_WORDS_MAX)
  const last = words.pop()
  if (last === undefined) return []
  const terms = [...new Set([...words, prefixTerm(last)])]
  return terms.sort((a, b) => b.length - a.length)
}

/** Whether a text holds every word of the query, the last one as a beginning; what `queryTerms` asks of the stored terms. */
export function holdsWords(text: string, query: string): boolean {
  const held = new Set(wordsOf(text).flatMap(word => [word, ...beginningsOf(word)]))
  const terms = queryTerms(query)
  return terms.length > 0 && terms.every(term => held.has(term))
}

/** A tag as it is compared with other tags. */
export function foldTag(tag: string): string {
  return wordsOf(tag).join(' ')
}

function beginningsOf(word: string): string[] {
  const characters = Array.from(word).slice(0, PREFIX_CHARACTERS_MAX)
  return characters.map((_, index) => characters.slice(0, index + 1).join('') + PREFIX_MARK)
}

function prefixTerm(word: string): string {
  return firstCharacters(word, PREFIX_CHARACTERS_MAX) + PREFIX_MARK
}

function firstCharacters(text: string, count: number): string {
  return text.length <= count ? text : Array.from(text).slice(0, count).join('')
}
