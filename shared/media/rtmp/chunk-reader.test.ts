import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHUNK_BYTES_MAX, ChunkReader, MESSAGE_BYTES_MAX, PENDING_BYTES_MAX } from './chunk-reader.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { RtmpError } from './rtmp-error.ts'
import { controlMessage, MESSAGE_TYPES, type RtmpMessage } from './rtmp-message.ts'

const message = fc.record({
  type: fc.constantFrom(MESSAGE_TYPES.audio, MESSAGE_TYPES.video, MESSAGE_TYPES.data, MESSAGE_TYPES.command),
  timestampMs: fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0xfffffe, 0xffffff, 0x1000000)),
  streamId: fc.integer({ min: 0, max: 0xffffffff }),
  body: fc.uint8Array({ maxLength: 3000 }),
})
const chunkBytes = fc.option(fc.integer({ min: 1, max: CHUNK_BYTES_MAX }))

function written(messages: readonly RtmpMessage[], chunk: number | null): Uint8Array {
  const writer = new ChunkWriter()
  const first = chunk === null ? [] : [writer.write(controlMessage(MESSAGE_TYPES.setChunkSize, chunk))]
  return new Uint8Array(Buffer.concat([...first, ...messages.map(each => writer.write(each))]))
}

/** Pushes the bytes in pieces whose sizes come from `cuts`, round and round. */
function readInPieces(bytes: Uint8Array, cuts: readonly number[]): RtmpMessage[] {
  const reader = new ChunkReader()
  const messages: RtmpMessage[] = []
  for (let at = 0, turn = 0; at < bytes.byteLength; turn += 1) {
    const size = cuts[turn % cuts.length] ?? 1
    messages.push(...reader.push(bytes.subarray(at, at + size)))
    at += size
  }
  return messages
}

const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 })

test('what the writer cuts the reader puts together, at any chunk size and however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), chunkBytes, cuts, (messages, chunk, pieces) => {
      const read = readInPieces(written(messages, chunk), pieces)
      expect(read.filter(each => each.type !== MESSAGE_TYPES.setChunkSize)).toEqual(messages)
    }),
    { numRuns: 200 },
  )
})

test('bytes that were changed anywhere give messages or an RtmpError, never another error', () => {
  const flips = fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      chunkBytes,
      flips,
      cuts,
      (messages, chunk, changes, pieces) => {
        const bytes = written(messages, chunk)
        for (const [at, value] of changes) bytes[at % bytes.byteLength] = value
        expect(onlyRtmpErrors(() => readInPieces(bytes, pieces))).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})

test('noise gives messages or an RtmpError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), cuts, (bytes, pieces) => {
      expect(onlyRtmpErrors(() => readInPieces(bytes, pieces))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

function onlyRtmpErrors(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch (error) {
    return error instanceof RtmpError
  }
}

test('a delta header adds to the time before it, and a bare header repeats the delta', () => {
  const full = Uint8Array.of(0x04, 0, 0, 100, 0, 0, 1, MESSAGE_TYPES.audio, 1, 0, 0, 0, 0xaa)
  const delta = Uint8Array.of(0x84, 0, 0, 23, 0xbb)
  const bare = Uint8Array.of(0xc4, 0xcc)
  const read = new ChunkReader().push(Buffer.concat([full, delta, bare]))
  expect(read.map(each => each.timestampMs)).toEqual([100, 123, 146])
})

test('messages of two chunk streams may be interleaved', () => {
  const header = (id: number, first: number): number[] => [
    id,
    0,
    0,
    0,
    0,
    0,
    200,
    MESSAGE_TYPES.audio,
    1,
    0,
    0,
    0,
    first,
  ]
  const fill = (value: number, count: number): number[] => Array.from({ length: count }, () => value)
  const bytes = Uint8Array.from(
    [header(4, 1), fill(1, 127), header(6, 2), fill(2, 127), [0xc4], fill(1, 72), [0xc6], fill(2, 72)].flat(),
  )
  const read = new ChunkReader().push(bytes)
  expect(read.map(each => [each.body.byteLength, new Set(each.body).size])).toEqual([
    [200, 1],
    [200, 1],
  ])
})

test('an abort forgets the unfinished message', () => {
  const start = Uint8Array.from([
    4,
    0,
    0,
    0,
    0,
    0,
    200,
    MESSAGE_TYPES.audio,
    1,
    0,
    0,
    0,
    ...Array.from({ length: 128 }, () => 7),
  ])
  const abort = new ChunkWriter().write(controlMessage(MESSAGE_TYPES.abort, 4))
  const next = new ChunkWriter().write({
    type: MESSAGE_TYPES.audio,
    timestampMs: 5,
    streamId: 1,
    body: Uint8Array.of(9),
  })
  const read = new ChunkReader().push(Buffer.concat([start, abort, next]))
  expect(read.at(-1)).toMatchObject({ timestampMs: 5, body: Uint8Array.of(9) })
})

test('a message above 4 MiB is refused from its header alone', () => {
  const length = MESSAGE_BYTES_MAX + 1
  const header = Uint8Array.of(4, 0, 0, 0, length >>> 16, (length >>> 8) & 255, length & 255, 9, 1, 0, 0, 0)
  expect(() => new ChunkReader().push(header)).toThrow(RtmpError)
})

test('a chunk size of 0 or above 64 KiB is refused', () => {
  for (const size of [0, CHUNK_BYTES_MAX + 1, 0xffffffff]) {
    const bytes = new ChunkWriter().write({ ...controlMessage(MESSAGE_TYPES.setChunkSize, size) })
    expect(() => new ChunkReader().push(bytes)).toThrow('chunk size')
  }
})

test('unfinished messages of many chunk streams together stay within 8 MiB', () => {
  const reader = new ChunkReader()
  const size = new Uint8Array(new ChunkWriter().write(controlMessage(MESSAGE_TYPES.setChunkSize, CHUNK_BYTES_MAX)))
  reader.push(size)
  const length = MESSAGE_BYTES_MAX
  const header = (id: number): number[] => [
    id,
    0,
    0,
    0,
    length >>> 16,
    (length >>> 8) & 255,
    length & 255,
    9,
    1,
    0,
    0,
    0,
  ]
  const body = new Uint8Array(CHUNK_BYTES_MAX)
  let given = 0
  const flood = (): void => {
    for (let round = 0; round < 60; round += 1) {
      for (let id = 3; id < 60; id += 1) {
        reader.push(round === 0 ? Uint8Array.from(header(id)) : Uint8Array.of(0xc0 | id))
        reader.push(body)
        given += body.byteLength
      }
    }
  }
  expect(flood).toThrow('unfinished')
  expect(given).toBeLessThanOrEqual(PENDING_BYTES_MAX)
})
