import { describe, expect, test } from 'vitest'
import { en } from './catalogue-en.ts'
import { feedEn } from './feed-catalogue-en.ts'
import { feedId } from './feed-catalogue-id.ts'
import { feedTh } from './feed-catalogue-th.ts'
import { feedVi } from './feed-catalogue-vi.ts'
import { feedZhHans } from './feed-catalogue-zh-hans.ts'
import { id } from './catalogue-id.ts'
import { th } from './catalogue-th.ts'
import { vi } from './catalogue-vi.ts'
import { zhHans } from './catalogue-zh-hans.ts'
import { playerEn } from './player-catalogue-en.ts'
import { playerId } from './player-catalogue-id.ts'
import { playerTh } from './player-catalogue-th.ts'
import { playerVi } from './player-catalogue-vi.ts'
import { playerZhHans } from './player-catalogue-zh-hans.ts'
import { studioEn } from './studio-catalogue-en.ts'
import { studioId } from './studio-catalogue-id.ts'
import { studioTh } from './studio-catalogue-th.ts'
import { studioVi } from './studio-catalogue-vi.ts'
import { studioZhHans } from './studio-catalogue-zh-hans.ts'

const ENGLISH: Readonly<Record<string, string>> = { ...en, ...feedEn, ...playerEn, ...studioEn }
const OTHERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  id: { ...id, ...feedId, ...playerId, ...studioId },
  vi: { ...vi, ...feedVi, ...playerVi, ...studioVi },
  th: { ...th, ...feedTh, ...playerTh, ...studioTh },
  'zh-Hans': { ...zhHans, ...feedZhHans, ...playerZhHans, ...studioZhHans },
}

const namesIn = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()

describe.each(Object.entries(OTHERS))('the catalogue %s', (_, catalogue) => {
  test('has every text, none of them empty', () => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(ENGLISH).sort())
    expect(Object.values(catalogue).filter(text => text.trim() === '')).toEqual([])
  })

  test('fills in the same names as English', () => {
    for (const [key, text] of Object.entries(ENGLISH)) {
      expect([key, namesIn(catalogue[key] ?? '')]).toEqual([key, namesIn(text)])
    }
  })
})
