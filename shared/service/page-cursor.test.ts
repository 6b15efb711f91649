import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { page, pageCursors, pageQuery } from './page-cursor.ts'

const cursors = pageCursors(new Uint8Array(32).fill(1))
const values = fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.integer()), { maxLength: 4 })

test('a cursor gives back what was sealed, in its list only', () => {
  fc.assert(
    fc.property(values, fc.string(), fc.string(), (sealed, scope, other) => {
      const cursor = cursors.seal(sealed, scope)
      expect(cursors.open(cursor, scope)).toEqual(sealed)
      if (other !== scope) expect(() => cursors.open(cursor, other)).toThrow('next_cursor')
    }),
  )
})

test('no changed, cut, joined or foreign cursor opens, and none is more than a 400', () => {
  const genuine = cursors.seal(['strm_a', 5], 'streams')
  const forged = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.nat(genuine.length - 1), fc.constantFrom('A', 'B', 'a', 'b', '0', '1', '-', '_', '.'))
      .map(([at, c]) => genuine.slice(0, at) + c + genuine.slice(at + 1)),
    fc.nat(genuine.length - 1).map(length => genuine.slice(0, length)),
    values.map(other => pageCursors(new Uint8Array(32).fill(2)).seal(other, 'streams')),
    fc.constant(`${genuine}.x`),
  )
  fc.assert(
    fc.property(forged, cursor => {
      fc.pre(
        Buffer.from(cursor.split('.')[1] ?? '', 'base64url').compare(
          Buffer.from(genuine.split('.')[1] ?? '', 'base64url'),
        ) !== 0 || cursor.split('.')[0] !== genuine.split('.')[0],
      )
      expect(() => cursors.open(cursor, 'streams')).toThrow(expect.objectContaining({ code: 'cursor.invalid' }))
    }),
  )
})

test('a page tells whether there is more, and where', () => {
  const present = (n: number) => ({ n })
  const cursorOf = (n: number) => `after-${n}`
  expect(page([1, 2, 3], 2, present, cursorOf)).toEqual({
    data: [{ n: 1 }, { n: 2 }],
    next_cursor: 'after-2',
    has_more: true,
  })
  expect(page([1, 2], 2, present, cursorOf)).toEqual({ data: [{ n: 1 }, { n: 2 }], next_cursor: null, has_more: false })
  expect(page([], 2, present, cursorOf)).toEqual({ data: [], next_cursor: null, has_more: false })
})

test('limits outside 1..100 are refused', () => {
  expect(pageQuery.parse({})).toEqual({ limit: 20 })
  expect(pageQuery.parse({ limit: '100' }).limit).toBe(100)
  for (const limit of ['0', '101', '-1', '1.5', 'x']) expect(pageQuery.safeParse({ limit }).success).toBe(false)
})
