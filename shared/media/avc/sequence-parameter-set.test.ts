import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAvcConfiguration } from './avc-configuration.ts'
import { AvcError } from './avc-error.ts'
import { readSequenceParameterSet } from './sequence-parameter-set.ts'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

/** Sequence parameter sets as x264 writes them. */
const SETS: readonly [name: string, set: string, size: [number, number], fps: number, interlaced: boolean][] = [
  ['720p', '6742c01fda014016ec0440000003004000000f03c60ca8', [1280, 720], 30, false],
  ['cropped both ways', '6764001eacd940a42fe224c04400000fa40003a9803c58b658', [642, 362], 30_000 / 1001, false],
  ['odd sides in 4:4:4', '67f4001e919b281485fc211180880000030008000003019078b16cb0', [641, 361], 25, false],
  ['interlaced 1080', '6764003eacd94078044fde0220000003002000000f03e3c7b2c0', [1920, 1080], 60, true],
  ['baseline 480', '6742c01ed900d83de6f011000003000100000300300f162e48', [854, 480], 24, false],
]

test.each(SETS)('%s is read with its size and rate', (_, set, [width, height], fps, interlaced) => {
  expect(readSequenceParameterSet(hex(set))).toMatchObject({ width, height, interlaced })
  expect(readSequenceParameterSet(hex(set)).fps).toBeCloseTo(fps, 3)
})

const CONFIGURATION = '0142c01fffe100176742c01fda014016ec0440000003004000000f03c60ca801000468ce0fc8'

test('a configuration record gives its parameter sets', () => {
  const read = readAvcConfiguration(hex(CONFIGURATION))
  expect(read).toMatchObject({ profile: 0x42, level: 0x1f, nalLengthBytes: 4 })
  expect(read.sequenceSets.map(set => set.byteLength)).toEqual([23])
  expect(read.pictureSets.map(set => set.byteLength)).toEqual([4])
})

test('cut or empty records and sets are AvcErrors', () => {
  for (let length = 0; length < hex(CONFIGURATION).byteLength; length += 1) {
    expect(faultOf(() => readAvcConfiguration(hex(CONFIGURATION).subarray(0, length)))).toBeInstanceOf(AvcError)
  }
  expect(faultOf(() => readSequenceParameterSet(hex('6742c01f')))).toBeInstanceOf(AvcError)
  expect(faultOf(() => readSequenceParameterSet(hex('6842c01f')))).toBeInstanceOf(AvcError)
})

test('changed bytes give a size within bounds or an AvcError', () => {
  const changes = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.constantFrom(...SETS), changes, ([, set], flips) => {
      const bytes = hex(set)
      for (const [at, byte] of flips) bytes[at % bytes.byteLength] = byte
      const fault = faultOf(() => {
        const { width, height } = readSequenceParameterSet(bytes)
        expect(width >= 1 && height >= 1 && width <= 16_384 && height <= 32_768).toBe(true)
      })
      expect(fault === undefined || fault instanceof AvcError).toBe(true)
    }),
    { numRuns: 1000 },
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
