import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '../isobmff/box-splitter.ts'
import { readAdtsFrames } from './adts-frames.ts'
import { TransportError } from './transport-error.ts'

/** A frame of stereo AAC-LC at 48 kHz; its body never looks like a header. */
function frame(body: Uint8Array): Uint8Array {
  const length = body.length + 7
  const header = [0xff, 0xf1, 0x4c, 0x80 | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc]
  return concatBytes([Uint8Array.from(header), body])
}

const body = fc.uint8Array({ minLength: 1, maxLength: 400, max: 0xfe })

test('every whole frame is found, behind the rest of another and before the beginning of one', () => {
  fc.assert(
    fc.property(fc.array(body, { minLength: 2, maxLength: 12 }), body, fc.nat(400), (bodies, cut, beforeCut) => {
      const rest = frame(cut).slice(8 + (beforeCut % cut.length))
      const begun = frame(cut).slice(0, 7 + Math.floor(cut.length / 2))
      const { frames, format } = readAdtsFrames(concatBytes([rest, ...bodies.map(frame), begun]))
      expect(format).toMatchObject({ sampleRate: 48_000, channels: 2, objectType: 2 })
      const whole = begun.length === frame(cut).length ? [...bodies, cut] : bodies
      expect(frames.map(({ bytes }) => [...bytes])).toEqual(whole.map(each => [...each]))
    }),
  )
})

test('arbitrary bytes are frames or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      try {
        for (const { bytes: own } of readAdtsFrames(bytes).frames) expect(own.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(TransportError)
      }
    }),
    { numRuns: 1_000 },
  )
})
