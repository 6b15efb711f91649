import { expect, test } from 'vitest'
import { bytesOf, instantText } from './row-values.ts'

test('an instant is RFC 3339 in UTC with milliseconds, from rows and from JSON', () => {
  for (const text of [
    '2026-01-02 03:04:05.678901+00',
    '2026-01-02T03:04:05.678901+00:00',
    '2026-01-02T03:04:05.678Z',
  ]) {
    expect(instantText(text)).toBe('2026-01-02T03:04:05.678Z')
  }
  expect(instantText('2026-01-02 03:04:05+00')).toBe('2026-01-02T03:04:05.000Z')
})

test('bytea in hex form is bytes', () => {
  expect(bytesOf('\\x00ff07')).toEqual(new Uint8Array([0, 255, 7]))
  expect(bytesOf('\\x')).toEqual(new Uint8Array())
})
