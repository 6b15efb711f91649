import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { encodedLadder, smallPlan } from '#test/helpers/encoded-ladder.ts'
import { BoxSplitter, concatBytes } from './box-splitter.ts'
import { CmafReader, type CmafPiece } from './cmaf-reader.ts'
import { eventMessage, ID3_SCHEME, id3Text } from './event-message.ts'
import { IsobmffError } from './isobmff-error.ts'

let picture: Uint8Array
let sound: Uint8Array

beforeAll(async () => {
  const pieces = await encodedLadder(smallPlan(30), 3)
  const track = (wanted: number): Uint8Array =>
    concatBytes(pieces.filter(piece => piece.track === wanted).map(({ bytes }) => bytes))
  picture = track(1)
  sound = track(2)
})

/** Cuts the bytes at those shares of their length. */
function cutAt(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const cuts = [0, ...shares.map(share => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end))
}

function read(pieces: readonly Uint8Array[]): CmafPiece[] {
  const reader = new CmafReader()
  return pieces.flatMap(piece => reader.push(piece))
}

test('an encoder run is its initialization segment and chunks that follow each other without a gap', () => {
  const [init, ...chunks] = read([picture])
  if (init?.kind !== 'init') throw new Error('The first piece is no initialization segment.')
  expect(init.track).toMatchObject({ kind: 'video', timescale: 90_000, width: 160, height: 90, codec: 'avc1.64000b' })
  let time = 0
  for (const chunk of chunks) {
    if (chunk.kind !== 'chunk') throw new Error('A second initialization segment.')
    expect(chunk.time).toBe(time)
    time += chunk.duration
  }
  const keys = chunks.filter(chunk => chunk.kind === 'chunk' && chunk.sync)
  expect(keys.map(chunk => (chunk.kind === 'chunk' ? chunk.time : 0))).toEqual([0, 180_000])
})

test('sound is read with its codec, and every chunk of it can start', () => {
  const [init, ...chunks] = read([sound])
  expect(init).toMatchObject({
    kind: 'init',
    track: { kind: 'audio', codec: 'mp4a.40.2', sampleRate: 48_000, channels: 2 },
  })
  expect(chunks.every(chunk => chunk.kind === 'chunk' && chunk.sync)).toBe(true)
})

test('however the bytes are cut on their way, the pieces are the same', () => {
  const whole = read([picture])
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(share, { maxLength: 40 }), shares => {
      expect(read(cutAt(picture, shares))).toEqual(whole)
    }),
    { numRuns: 40 },
  )
})

test('bytes that were tampered with are read or refused by name, never anything else', () => {
  const start = picture.subarray(0, 8_000)
  const change = fc.record({ at: fc.nat(start.length - 1), byte: fc.nat(255) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), changes => {
      const bytes = Uint8Array.from(start)
      for (const { at, byte } of changes) bytes[at] = byte
      try {
        read([bytes])
      } catch (error) {
        expect(error).toBeInstanceOf(IsobmffError)
      }
    }),
    { numRuns: 400 },
  )
})

test('a box that claims more than the bound is refused before anything is gathered', () => {
  const splitter = new BoxSplitter(1_000)
  const header = Uint8Array.of(0, 0, 0x10, 0, 0x6d, 0x64, 0x61, 0x74)
  expect(() => splitter.push(header)).toThrow(expect.objectContaining({ fault: 'too-large' }))
  for (const size of [0, 7]) {
    const bad = Uint8Array.of(0, 0, 0, size, 0x6d, 0x64, 0x61, 0x74)
    expect(() => new BoxSplitter(1_000).push(bad)).toThrow(expect.objectContaining({ fault: 'bad-size' }))
  }
})

test('pieces out of their order are refused', () => {
  const [init, first] = read([picture])
  if (init === undefined || first === undefined) throw new Error('There is no media.')
  const out = expect.objectContaining({ fault: 'out-of-order' })
  expect(() => read([first.bytes])).toThrow(out)
  expect(() => read([init.bytes, init.bytes])).toThrow(out)
})

test('timed metadata before a chunk travels with it', () => {
  const [init, first] = read([picture])
  if (init === undefined || first === undefined) throw new Error('There is no media.')
  const data = id3Text('', '{"a":"ü"}')
  const emsg = eventMessage({ scheme: ID3_SCHEME, value: '', timescale: 90_000, presentationTime: 18_000, id: 7, data })
  const [, chunk] = read([init.bytes, emsg, first.bytes])
  expect(chunk).toEqual({ ...first, bytes: concatBytes([emsg, first.bytes]) })
})

test('an event message is laid out as the standard has it', () => {
  const data = id3Text('', 'hi')
  const bytes = eventMessage({ scheme: 's', value: 'v', timescale: 1_000, presentationTime: 5, id: 9, data })
  expect(Buffer.from(bytes).toString('hex')).toBe(
    [
      '0000003c656d736701000000', // size, emsg, version 1
      '000003e8', // timescale
      '0000000000000005', // presentation time
      'ffffffff00000009', // unknown duration, id
      '73007600', // scheme and value, each ended by a zero
      '4944330400000000000e', // ID3 2.4, 14 bytes
      '5458585800000004000003006869', // TXXX, UTF-8, empty description, hi
    ].join(''),
  )
})
