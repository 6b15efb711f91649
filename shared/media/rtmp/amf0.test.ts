import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AMF_DEPTH_MAX, decodeAmf0, encodeAmf0, type Amf0Value } from './amf0.ts'
import { RtmpError } from './rtmp-error.ts'

const { value } = fc.letrec<{ value: Amf0Value; leaf: Amf0Value }>(tie => ({
  leaf: fc.oneof(fc.double(), fc.boolean(), fc.string({ unit: 'grapheme' }), fc.constant(null), fc.constant(undefined)),
  value: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 }),
  ),
}))

test('what is encoded is decoded to the same values', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), values => {
      expect(decodeAmf0(encodeAmf0(values))).toEqual(values)
    }),
  )
})

test('changed bytes give values or an RtmpError', () => {
  const changes = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), changes, (values, flips) => {
      const bytes = encodeAmf0(values)
      for (const [at, byte] of flips) bytes[at % bytes.byteLength] = byte
      expect(faultOf(bytes)).toSatisfy(fault => fault === undefined || fault instanceof RtmpError)
    }),
    { numRuns: 500 },
  )
})

function faultOf(bytes: Uint8Array): unknown {
  try {
    decodeAmf0(bytes)
    return undefined
  } catch (error) {
    return error
  }
}

test('nesting is read to a depth of 16 and no deeper', () => {
  const nested = (depth: number): Amf0Value => (depth === 1 ? 1 : [nested(depth - 1)])
  expect(decodeAmf0(encodeAmf0([nested(AMF_DEPTH_MAX)]))).toHaveLength(1)
  expect(() => decodeAmf0(encodeAmf0([nested(AMF_DEPTH_MAX + 1)]))).toThrow(RtmpError)
})

test('an array that claims four thousand million values allocates nothing and is refused', () => {
  expect(() => decodeAmf0(Uint8Array.of(10, 255, 255, 255, 255))).toThrow(RtmpError)
})

test('a member named __proto__ is data', () => {
  const bytes = Uint8Array.of(3, 0, 9, ...Buffer.from('__proto__'), 5, 0, 0, 9)
  const [object] = decodeAmf0(bytes)
  expect(Object.keys(object as object)).toEqual(['__proto__'])
})

test('an ECMA array and a date are read as encoders write them', () => {
  const bytes = Buffer.concat([
    Uint8Array.of(8, 0, 0, 0, 1, 0, 3, ...Buffer.from('fps'), 0, 0x40, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 9),
    Uint8Array.of(11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  ])
  expect(decodeAmf0(bytes)).toEqual([{ fps: 30 }, 0])
})
