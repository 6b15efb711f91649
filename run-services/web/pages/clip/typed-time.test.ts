import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { readTypedTime, typedTime } from './typed-time.ts'

test('what is written is read back as the same moment', () => {
  assert(
    property(integer({ min: 0, max: 604_800_000 }), ms => {
      expect(readTypedTime(typedTime(ms))).toBe(ms)
    }),
  )
})

test.each([
  ['1:23.45', 83_450],
  ['83', 83_000],
  ['0:05', 5_000],
  ['1:00:00,5', 3_600_500],
  [' 12.5 ', 12_500],
])('%j is a moment', (text, ms) => expect(readTypedTime(text)).toBe(ms))

test.each(['', 'now', '1:2:3:4', '-5', '1:23.4567', '5e3'])('%j is none', text =>
  expect(readTypedTime(text)).toBeUndefined(),
)
