import { describe, expect, test } from 'vitest'
import { pageLanguage } from './page-language.ts'

describe('the language of a page', () => {
  test.each([
    ['th', 'en', 'th'],
    [undefined, 'vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
    [undefined, 'fr-FR,id;q=0.4,th;q=0.7', 'th'],
    [undefined, 'zh-CN', 'zh-Hans'],
    [undefined, 'fr', 'en'],
    ['klingon', undefined, 'en'],
    [undefined, ';;;,q=,=', 'en'],
  ])('chosen %s and accepted %s gives %s', (chosen, accepted, language) => {
    expect(pageLanguage(chosen, accepted)).toBe(language)
  })
})
