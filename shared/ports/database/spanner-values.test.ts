import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainSql } from './table-engine.ts'
import { needsTypes, readerValue, spannerParameters } from './spanner-values.ts'

const fieldsOf = (parameters: Parameters<typeof plainSql>[2], types?: Record<string, string>) =>
  spannerParameters(plainSql('a', '', parameters), types).fields

test('each value travels as the protocol carries its kind', () => {
  expect(fieldsOf([null, true, 'text', new Uint8Array([0, 255]), ['a', '']])).toEqual({
    p1: { nullValue: 'NULL_VALUE' },
    p2: { boolValue: true },
    p3: { stringValue: 'text' },
    p4: { stringValue: 'AP8=' },
    p5: { listValue: { values: [{ stringValue: 'a' }, { stringValue: '' }] } },
  })
})

test('whole numbers travel as text except where the engine takes a double; all come back as they were', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), whole => {
      expect(fieldsOf([whole])).toEqual({ p1: { stringValue: String(whole) } })
      expect(fieldsOf([whole], { p1: 'FLOAT64' })).toEqual({ p1: { numberValue: whole } })
    }),
  )
  expect(fieldsOf([0.5])).toEqual({ p1: { numberValue: 0.5 } })
})

test('an instant of another offset is told in UTC, and the same text in a text column is left alone', () => {
  const instant = '2026-02-03T04:05:06.789+02:00'
  expect(fieldsOf([instant], { p1: 'TIMESTAMP' })).toEqual({ p1: { stringValue: '2026-02-03T02:05:06.789Z' } })
  expect(fieldsOf([instant], { p1: 'STRING' })).toEqual({ p1: { stringValue: instant } })
})

test('types are asked for only where they decide', () => {
  expect(needsTypes(plainSql('a', '', ['2026-02-03T04:05:06Z', null, true, ['a']]))).toBe(false)
  expect(needsTypes(plainSql('a', '', [1]))).toBe(true)
  expect(needsTypes(plainSql('a', '', ['2026-02-03T04:05:06+02:00']))).toBe(true)
})

test('values of the client come out as the reader promises', () => {
  class Int {
    value = '9007199254740991'
  }
  class PGJsonb {
    value = { a: [1] }
  }
  expect(readerValue(new Int())).toBe(Number.MAX_SAFE_INTEGER)
  expect(readerValue(new PGJsonb())).toEqual({ a: [1] })
  expect(readerValue(Buffer.from([1, 2]))).toEqual(new Uint8Array([1, 2]))
  expect(readerValue(new Date('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02T03:04:05.678Z')
  expect(readerValue(['a', null])).toEqual(['a', null])
  expect(readerValue(null)).toBeNull()
})
