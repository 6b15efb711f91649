import { expect, test } from 'vitest'
import { byteRange } from './byte-range.ts'

test('RFC 9110 14.1.2: one byte range, from the start, to the end or from the end', () => {
  expect(byteRange('bytes=0-0', 10)).toEqual({ first: 0, last: 0 })
  expect(byteRange('bytes=3-', 10)).toEqual({ first: 3, last: 9 })
  expect(byteRange('bytes=3-99', 10)).toEqual({ first: 3, last: 9 })
  expect(byteRange('bytes=-4', 10)).toEqual({ first: 6, last: 9 })
  expect(byteRange('bytes=-99', 10)).toEqual({ first: 0, last: 9 })
})

test('a range outside the object is unsatisfiable', () => {
  for (const [header, bytes] of [
    ['bytes=10-', 10],
    ['bytes=10-12', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ] as const) {
    expect(byteRange(header, bytes), header).toBe('unsatisfiable')
  }
})

test('what is not one byte range is ignored', () => {
  for (const header of [
    null,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-3',
    'bytes=0-1,3-4',
    'items=0-1',
    'bytes=a-b',
    'bytes 0-1',
  ]) {
    expect(byteRange(header, 10), String(header)).toBeUndefined()
  }
})
