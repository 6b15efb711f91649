import { describe, expect, test } from 'vitest'
import { agoText, clockText } from './format-time.ts'

describe('times as people read them', () => {
  test.each([
    [-5, '0:00'],
    [7_900, '0:07'],
    [754_000, '12:34'],
    [3_723_000, '1:02:03'],
  ])('%i ms is %s', (ms, text) => {
    expect(clockText(ms)).toBe(text)
  })

  test('an instant is told in its largest whole unit, before and after now', () => {
    expect(agoText('en', 0, 59_000)).toBe('59 seconds ago')
    expect(agoText('en', 0, 119_000)).toBe('1 minute ago')
    expect(agoText('en', 0, 7_200_000)).toBe('2 hours ago')
    expect(agoText('en', 300_000, 0)).toBe('in 5 minutes')
    expect(agoText('zh-Hans', 0, 120_000)).toBe('2分钟前')
  })
})
