import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectedEndS, longestPartS } from './timeline.ts'

const RATES = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 50, 60_000 / 1001, 60]
/** What adding up times may take from them. */
const ROUNDING_S = 0.000_005

test('the end of a segment is foreseen to the frame, at every rate and for hours', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RATES), fc.nat(6_000), (fps, index) => {
      // Key frames lie on the first frame at or after each whole multiple of two seconds.
      const key = (multiple: number): number => Math.ceil(multiple * 2 * fps - 1e-6) / fps
      const foreseen = expectedEndS(key(index), 2, 1 / fps)
      const [before, at] = [key(index + 1) - 1 / fps, key(index + 1)]
      expect(before).toBeLessThan(foreseen - ROUNDING_S)
      expect(at).toBeGreaterThanOrEqual(foreseen - ROUNDING_S)
    }),
  )
})

test('the part target covers picture and sound, and neither falls below 85 % of it', () => {
  for (const fps of RATES) {
    for (const partMs of [200, 333, 500]) {
      const partFrames = Math.round((partMs * fps) / 1000)
      const targetS = longestPartS({ fps, partFrames }, [48_000])
      const soundS = (Math.ceil((((partFrames - 0.5) / fps) * 48_000) / 1024) * 1024) / 48_000
      for (const partS of [partFrames / fps, soundS]) {
        expect(partS).toBeLessThanOrEqual(targetS)
        expect(partS).toBeGreaterThanOrEqual(0.85 * targetS)
      }
    }
  }
})
