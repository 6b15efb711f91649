import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldTag, foldText, holdsWords, queryTerms, termsOf, wordsOf } from './search-words.ts'

const NOTHING = { title: '', tags: [], creator: [], show: '' }
const RUNS = 300
/** Lone surrogates and unassigned ones included. */
const anyCodePoint = fc.nat(0x10ffff)

describe('words', () => {
  test.each([
    ['Crème BRÛLÉE, one pan!', ['creme', 'brulee', 'one', 'pan']],
    ['ＦＵＬＬ ｗｉｄｔｈ ﬁne', ['full', 'width', 'fine']],
    ['Straße ΟΔΟΣ', ['strasse', 'οδοσ']],
    ['Phở bò ở Đà Nẵng', ['pho', 'bo', 'o', 'da', 'nang']],
    ['ก๋วยเตี๋ยวเรืออร่อย', ['ก๋วยเตี๋ยว', 'เรือ', 'อร่อย']],
    ['我喜欢吃面条', ['我', '喜欢', '吃', '面条']],
    ['東京タワーの夜景', ['東京タワー', 'の', '夜景']],
    ["don't blink alice_b", ['dont', 'blink', 'alice', 'b']],
    ['🔥🔥 goal', ['🔥', '🔥', 'goal']],
    ['… — !?', []],
  ])('of %j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('are the same however the text was composed or cased', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => {
        expect(foldText(text.normalize('NFD'))).toBe(foldText(text.normalize('NFC')))
        expect(wordsOf(foldText(text))).toEqual(wordsOf(text))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('terms', () => {
  test('weigh the title over tags, tags over the creator, the creator over the show', () => {
    const terms = termsOf({ title: 'goal', tags: ['goal', 'cup'], creator: ['cup', 'ann'], show: 'ann derby' })
    expect(['goal', 'cup', 'ann', 'derby'].map(term => terms.get(term))).toEqual([12, 6, 3, 1])
  })

  test('of one clip are bounded in number and length, whatever the texts are', () => {
    fc.assert(
      fc.property(
        fc.array(anyCodePoint, { maxLength: 300 }).map(points => String.fromCodePoint(...points)),
        fc.array(fc.string({ maxLength: 80 }), { maxLength: 10 }),
        (title, tags) => {
          const terms = termsOf({ ...NOTHING, title, tags })
          expect(terms.size).toBeLessThanOrEqual(240)
          for (const term of terms.keys()) expect(Array.from(term).length).toBeLessThanOrEqual(64)
        },
      ),
      { numRuns: RUNS / 5 },
    )
  })

  test('find a clip by every beginning of its last word and by all words, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zà-öก-ฮ]{1,20}$/u), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        (words, at, cut) => {
          const title = words.join(' ')
          const own = wordsOf(title)
          const last = own[at % own.length] ?? ''
          const typed = Array.from(last)
          const begun = typed.slice(0, 1 + (cut % typed.length)).join('')
          const terms = termsOf({ ...NOTHING, title })
          const query = [...own.toReversed().slice(0, 5), begun].join(' ')
          expect(queryTerms(query).filter(term => !terms.has(term))).toEqual([])
          expect(holdsWords(title, query)).toBe(true)
        },
      ),
      { numRuns: RUNS },
    )
  })
})

describe('queries', () => {
  test('ask for every word, the longest first, the last as a beginning', () => {
    expect(queryTerms('Brûlée of go')).toEqual(['brulee', 'go*', 'of'])
    expect(queryTerms(' … ')).toEqual([])
    expect(holdsWords('street food', 'food stre')).toBe(true)
    expect(holdsWords('street food', 'food straw')).toBe(false)
  })

  test('compare tags by their words', () => {
    expect(foldTag('#Street-Food')).toBe(foldTag('street food'))
  })
})
