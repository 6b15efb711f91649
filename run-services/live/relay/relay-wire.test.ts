import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  endFrame,
  FRAME_BYTES_MAX,
  helloBytes,
  mediaFrameHead,
  progressFrame,
  readHello,
  RelayError,
  RelayFrameReader,
  type RelayFrame,
  type RelayHello,
} from './relay-wire.ts'

const HELLO: RelayHello = {
  plan: {
    fps: 30,
    gopS: 2,
    partFrames: 6,
    tracks: [{ kind: 'video', name: '360p', width: 640, height: 360, bitrateKbps: 700 }],
    omitted: ['720p'],
  },
  skipMs: 0,
}

test('a hello is read once it is whole, and what follows it is source', () => {
  const bytes = Buffer.concat([helloBytes(HELLO), Uint8Array.of(1, 2, 3)])
  const whole = bytes.byteLength - 3
  for (let length = 0; length < whole; length += 1) expect(readHello(bytes.subarray(0, length))).toBeUndefined()
  expect(readHello(bytes)).toEqual({ hello: HELLO, rest: Buffer.from([1, 2, 3]) })
})

test('another protocol, another version and a plan that is none are refused by name', () => {
  expect(() => readHello(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow('relay wire')
  const newer = new Uint8Array(helloBytes(HELLO))
  newer[4] = 9
  expect(() => readHello(newer)).toThrow('version 9')
  const odd = {
    ...HELLO,
    plan: { ...HELLO.plan, tracks: [{ kind: 'video', name: '../x', width: 1, height: 1, bitrateKbps: 1 }] },
  }
  expect(() => readHello(helloBytes(odd as RelayHello))).toThrow(RelayError)
})

const frame = fc.oneof(
  fc.record({ kind: fc.constant('media' as const), track: fc.nat(15), bytes: fc.uint8Array({ maxLength: 500 }) }),
  fc.record({ kind: fc.constant('progress' as const), consumedBytes: fc.nat() }),
  fc.record({
    kind: fc.constant('end' as const),
    end: fc.record({ reason: fc.constant('encoder-died' as const), sentence: fc.string(), stderrTail: fc.string() }),
  }),
)

function written(frames: readonly RelayFrame[]): Uint8Array {
  return Buffer.concat(
    frames.flatMap(each => {
      if (each.kind === 'media') return [mediaFrameHead(each.track, each.bytes.byteLength), each.bytes]
      return each.kind === 'progress' ? [progressFrame(each.consumedBytes)] : [endFrame(each.end)]
    }),
  )
}

function read(bytes: Uint8Array, piece: number): RelayFrame[] {
  const reader = new RelayFrameReader()
  const frames: RelayFrame[] = []
  for (let at = 0; at < bytes.byteLength; at += piece) {
    for (const each of reader.push(bytes.subarray(at, at + piece))) {
      frames.push(each.kind === 'media' ? { ...each, bytes: new Uint8Array(each.bytes) } : each)
    }
  }
  return frames
}

test('frames come back as they were sent, however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (frames, piece) => {
      expect(read(written(frames), piece)).toEqual(frames)
    }),
  )
})

test('changed bytes give frames or a RelayError', () => {
  const changes = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), changes, (frames, flips) => {
      const bytes = new Uint8Array(written(frames))
      for (const [at, byte] of flips) bytes[at % bytes.byteLength] = byte
      expect(faultOf(() => read(bytes, 64))).toSatisfy(fault => fault === undefined || fault instanceof RelayError)
    }),
    { numRuns: 300 },
  )
})

test('a frame above 1 MiB is refused from its head alone', () => {
  expect(() => new RelayFrameReader().push(mediaFrameHead(0, FRAME_BYTES_MAX + 1))).toThrow(RelayError)
})

function faultOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
