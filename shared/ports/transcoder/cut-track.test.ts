import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { box, fullBox, u32, uint } from '#shared/media/isobmff/box-bytes.ts'
import { concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { CmafReader } from '#shared/media/isobmff/cmaf-reader.ts'
import { encodedLadder, smallPlan } from '#test/helpers/encoded-ladder.ts'
import { cutTrack, type PictureTimes } from './cut-track.ts'

const PICTURE_HZ = 90_000
const SOUND_HZ = 48_000
const PACKET = 1_024
const SYNC = 0x0200_0000
const NO_SYNC = 0x0101_0000

type Fragment = { time: number; duration: number; sync?: boolean }
type Cut = ReturnType<typeof cutTrack> extends AsyncIterable<infer Piece> ? Piece : never

let picture: Uint8Array
let sound: Uint8Array

beforeAll(async () => {
  const pieces = await encodedLadder(smallPlan(30), 1)
  const initOf = (track: number): Uint8Array => {
    const reader = new CmafReader()
    const found = pieces.filter(piece => piece.track === track).flatMap(({ bytes }) => reader.push(bytes))
    return found[0]?.bytes ?? new Uint8Array()
  }
  picture = initOf(1)
  sound = initOf(2)
})

/** One sample as long as the fragment, with its place in the track as its bytes. */
function fragment({ time, duration, sync = true }: Fragment, index: number): Uint8Array {
  const run = fullBox('trun', 0, 0x104, u32(1), u32(sync ? SYNC : NO_SYNC), u32(duration))
  const traf = box('traf', fullBox('tfhd', 0, 0x2_0000, u32(1)), fullBox('tfdt', 1, 0, uint(8, time)), run)
  return concatBytes([box('moof', fullBox('mfhd', 0, 0, u32(1)), traf), box('mdat', u32(index))])
}

async function cut(init: Uint8Array, fragments: readonly Fragment[], segmentS: number, pictures?: PictureTimes) {
  const media = fragments.map(fragment)
  async function* file(): AsyncGenerator<Uint8Array> {
    yield init
    yield* media
  }
  const pieces: Cut[] = []
  for await (const piece of cutTrack(file(), segmentS, pictures)) pieces.push(piece)
  const segments = pieces.flatMap(piece => (piece.kind === 'segment' ? [piece] : []))
  expect(pieces[0]).toMatchObject({ kind: 'init', bytes: init })
  expect(segments.map(({ index }) => index)).toEqual(segments.map((_, index) => index))
  const bytes = concatBytes(segments.map(segment => segment.bytes))
  expect(Buffer.from(bytes).equals(concatBytes(media).subarray(0, bytes.length))).toBe(true)
  return { segments, bytes: bytes.length, of: concatBytes(media).length }
}

/** A fragment a key frame, which is the first picture at or after each instant of the grid. */
function pictures(frames: number, rate: number, gopS: number): Fragment[] {
  const keys: number[] = []
  for (let frame = 0; frame < frames; frame += 1) if (frame / rate + 0.001 >= keys.length * gopS) keys.push(frame)
  const tick = (frame: number): number => Math.round((frame / rate) * PICTURE_HZ)
  return keys.map((key, index) => ({ time: tick(key), duration: tick(keys[index + 1] ?? frames) - tick(key) }))
}

const RATES = [24_000 / 1_001, 24, 25, 30_000 / 1_001, 30, 50, 60_000 / 1_001, 60]

test('all pictures and as many segments of sound, at any rate, length and packet count', async () => {
  const shape = fc.record({
    rate: fc.constantFrom(...RATES),
    frames: fc.integer({ min: 1, max: 3_000 }),
    gopS: fc.constantFrom(0.5, 1, 2, 4),
    gops: fc.integer({ min: 1, max: 4 }),
    packets: fc.integer({ min: 1, max: 12 }),
    silenceS: fc.constantFrom(2, 3.1),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ rate, frames, gopS, gops, packets, silenceS }) => {
      const segmentS = gopS * gops
      const seen = await cut(picture, pictures(frames, rate, gopS), segmentS)
      expect(seen.bytes).toBe(seen.of)
      const endS = seen.segments.reduce((sum, { durationS }) => sum + durationS, 0)
      expect(endS).toBeCloseTo(frames / rate, 4)
      const step = packets * PACKET
      const count = Math.ceil(((endS + silenceS) * SOUND_HZ) / step)
      const packed = Array.from({ length: count }, (_, index) => ({ time: index * step, duration: step }))
      const heard = await cut(sound, packed, segmentS, { segments: seen.segments.length, endS })
      expect(heard.segments).toHaveLength(seen.segments.length)
      const heardS = heard.segments.reduce((sum, { durationS }) => sum + durationS, 0)
      expect(heardS).toBeGreaterThanOrEqual(endS - 1e-6)
      expect(heardS - endS).toBeLessThan((2 * step) / SOUND_HZ)
      for (const { durationS } of heard.segments.slice(0, -1)) {
        expect(Math.abs(durationS - segmentS)).toBeLessThanOrEqual(step / SOUND_HZ + 1e-6)
      }
    }),
    { numRuns: 60 },
  )
})

test('a segment that no key frame begins, and one with nothing in it, are errors', async () => {
  const second = { time: PICTURE_HZ, duration: PICTURE_HZ }
  const first = { time: 0, duration: PICTURE_HZ }
  await expect(cut(picture, [first, { ...second, sync: false }], 1)).rejects.toThrow('without a key frame')
  await expect(cut(picture, [first, { ...second, time: 5 * PICTURE_HZ }], 1)).rejects.toThrow('nothing of segment')
  await expect(cut(picture, [second], 1)).rejects.toThrow('nothing of segment 0')
})
