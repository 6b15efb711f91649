import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FlvError } from './flv-error.ts'
import { FlvReader } from './flv-reader.ts'
import type { FlvTag } from './flv-tag.ts'
import { flvHeader, flvTagBytes } from './flv-tag-bytes.ts'

const tag = fc.record<FlvTag>({
  kind: fc.constantFrom('audio', 'video', 'script'),
  timestampMs: fc.integer({ min: 0, max: 0xffffffff }),
  body: fc.uint8Array({ maxLength: 400 }),
})

function read(bytes: Uint8Array, piece: number): FlvTag[] {
  const reader = new FlvReader()
  const tags: FlvTag[] = []
  for (let at = 0; at < bytes.byteLength; at += piece) tags.push(...reader.push(bytes.subarray(at, at + piece)))
  return tags
}

function written(tags: readonly FlvTag[]): Uint8Array {
  return new Uint8Array(Buffer.concat([flvHeader({ audio: true, video: true }), ...tags.map(flvTagBytes)]))
}

const piece = fc.integer({ min: 1, max: 300 })

test('tags come back as they were written, however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(tag, { maxLength: 8 }), piece, (tags, size) => {
      expect(read(written(tags), size)).toEqual(tags)
    }),
  )
})

test('changed bytes give tags or an FlvError', () => {
  const changes = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.array(tag, { maxLength: 6 }), changes, piece, (tags, flips, size) => {
      const bytes = written(tags)
      for (const [at, byte] of flips) bytes[at % bytes.byteLength] = byte
      expect(faultOf(() => read(bytes, size))).toSatisfy(fault => fault === undefined || fault instanceof FlvError)
    }),
    { numRuns: 300 },
  )
})

function faultOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

test('something else than FLV is refused at its first bytes', () => {
  expect(() => new FlvReader().push(Buffer.from('#EXTM3U\n#EXT'))).toThrow(FlvError)
})
