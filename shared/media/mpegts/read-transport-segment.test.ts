import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFrameNumbers, readSamples as readSound } from '#test/helpers/frame-clock-reader.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { transportSegments } from '#test/helpers/transport-segments.ts'
import { cutClip, type CutRun } from '../clip/cut-clip.ts'
import { joinRuns } from '../clip/join-runs.ts'
import { concatBytes } from '../isobmff/box-splitter.ts'
import { findBeeps } from '../marked/marked-media-beeps.ts'
import { continueClock } from './continue-clock.ts'
import { readTransportSegment, type TransportSegment } from './read-transport-segment.ts'
import { TransportError } from './transport-error.ts'
import { PACKET_BYTES } from './transport-packets.ts'

const FPS = 30
const FRAME_MS = 1000 / FPS
const SEGMENT_S = 2
const ZERO_MS = Date.UTC(2026, 10, 21, 18)
/** The clock of 33 bits begins anew within the second segment. */
const WRAP_OFFSET_S = 2 ** 33 / 90_000 - 3.5

const folder = mkdtempSync(join(tmpdir(), 'showreel-transport-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let plain: Uint8Array[]
let reordered: Uint8Array[]
beforeAll(async () => {
  const { path } = await markedMedia({ fps: FPS, seconds: 8, width: 320, height: 180 })
  plain = await transportSegments(path, { segmentS: SEGMENT_S })
  reordered = await transportSegments(path, { segmentS: SEGMENT_S, bFrames: 2, offsetS: WRAP_OFFSET_S })
}, 60_000)

/** Segments as one run, read in order as a clip reads them. */
function runsOf(segments: readonly Uint8Array[], missing?: number): CutRun[] {
  const pieces: (TransportSegment & { atMs: number })[] = []
  for (const [index, bytes] of segments.entries()) {
    if (index === missing) continue
    const piece = { atMs: ZERO_MS + index * SEGMENT_S * 1000, ...readTransportSegment(bytes) }
    const before = pieces.at(-1)
    pieces.push(before === undefined ? piece : continueClock(before, piece))
  }
  return joinRuns(pieces, () => true)
}

async function shown(runs: readonly CutRun[], fromMs: number, toMs: number) {
  const cut = cutClip(runs, { startMs: ZERO_MS + fromMs, endMs: ZERO_MS + toMs })
  if (cut === undefined) throw new Error('There is nothing in the range.')
  const file = join(folder, `${fromMs}-${toMs}-${Math.random().toString(36).slice(2)}.mp4`)
  writeFileSync(file, concatBytes(cut.pieces))
  return { cut, frames: await readFrameNumbers(file), beeps: findBeeps(await readSound(file)) }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test('a segment is its pictures and its sound, on one clock', () => {
  const { video, audio } = readTransportSegment(plain[1] ?? new Uint8Array())
  expect(video.header).toMatchObject({ kind: 'video', timescale: 90_000, width: 320, height: 180 })
  expect(video.header.codec).toMatch(/^avc1\.64[0-9a-f]{4}$/u)
  expect(audio?.header).toMatchObject({ kind: 'audio', timescale: 48_000, channels: 2, codec: 'mp4a.40.2' })
  expect(video.samples).toHaveLength(FPS * SEGMENT_S)
  expect(video.samples.map(({ sync }) => sync)).toEqual(numbers(0, 60).map(index => index === 0))
  const heardS = (audio?.samples.at(-1)?.time ?? 0) / 48_000
  const shownS = (video.samples.at(-1)?.time ?? 0) / 90_000
  expect(Math.abs(heardS - shownS)).toBeLessThan(0.2)
})

const ranges = [
  [120, 1_940],
  [1_234, 4_321],
  [2_050, 2_150],
  [1_250, 3_220],
  [1_250, 3_250],
  [1_250, 3_285],
  [3_967, 6_980],
] as const
const codings = ['as they are decoded', 'in another order, over a clock that begins anew'] as const

test.each(codings.flatMap(coding => ranges.map(range => [coding, ...range] as const)))(
  'pictures shown %s: first and last frame of a cut from %i ms to %i ms are exact, sound stays with them',
  async (coding, fromMs, toMs) => {
    const runs = runsOf(coding === codings[0] ? plain : reordered)
    expect(runs).toHaveLength(1)
    const { cut, frames, beeps } = await shown(runs, fromMs, toMs)
    const first = Math.ceil((fromMs - 0.6) / FRAME_MS)
    const end = Math.ceil((toMs - 0.6) / FRAME_MS)
    expect(frames.map(({ frame }) => frame)).toEqual(numbers(first, end))
    expect(cut.frames).toBe(end - first)
    expect(frames[0]?.ptsS).toBeCloseTo(0, 3)
    // The source was written in whole milliseconds.
    expect(Math.abs(cut.durationMs - (end - first) * FRAME_MS)).toBeLessThan(2)
    for (const { atS } of beeps) {
      const atMs = first * FRAME_MS + atS * 1000
      expect(Math.abs(atMs - Math.round(atMs / 1000) * 1000)).toBeLessThan(40)
    }
    expect(beeps.length).toBe(Math.ceil(toMs / 1000) - Math.ceil((fromMs + 1) / 1000))
  },
)

test('sound that begins after its picture does so in the cut', async () => {
  const [run] = runsOf(plain)
  if (run?.audio === undefined) throw new Error('There is no sound.')
  const late = run.audio.samples.filter(({ time }) => time / 48_000 + run.zeroAtMs / 1000 > ZERO_MS / 1000 + 1.5)
  const { beeps } = await shown([{ ...run, audio: { ...run.audio, samples: late } }], 510, 3_900)
  const beginS = (16 * FRAME_MS) / 1000
  expect(beeps.map(({ atS }) => Math.round(atS + beginS))).toEqual([2, 3])
  for (const { atS } of beeps) expect(Math.abs(atS + beginS - Math.round(atS + beginS))).toBeLessThan(0.04)
})

test('what is missing of a show is left out, and sound is right on both sides', async () => {
  const runs = runsOf(reordered, 1)
  expect(runs).toHaveLength(2)
  const { frames, beeps, cut } = await shown(runs, 890, 5_510)
  expect(frames.map(({ frame }) => frame)).toEqual([...numbers(27, 60), ...numbers(120, 166)])
  expect(Math.abs(cut.durationMs - 79 * FRAME_MS)).toBeLessThan(2)
  const gaps = frames.slice(1).map(({ ptsS }, index) => ptsS - (frames[index]?.ptsS ?? 0))
  expect(Math.max(...gaps)).toBeLessThan(0.05)
  expect(beeps).toHaveLength(3)
  for (const [index, { atS }] of beeps.entries()) expect(Math.abs(atS - 0.1 - index)).toBeLessThan(0.04)
})

/** What is thrown for the bytes; nothing when they are read. */
function faultOf(bytes: Uint8Array): unknown {
  try {
    const { video, audio } = readTransportSegment(bytes)
    for (const { time, duration } of [...video.samples, ...(audio?.samples ?? [])]) {
      expect(Number.isFinite(time) && duration > 0).toBe(true)
    }
    return undefined
  } catch (error) {
    return error
  }
}

test.each([
  ['no packets', () => new Uint8Array(), 'no-program'],
  ['half a packet', () => (plain[0] ?? new Uint8Array()).subarray(0, 100), 'truncated'],
  ['text', () => Buffer.alloc(PACKET_BYTES * 4, '#EXTM3U\n'), 'lost-sync'],
  ['padding alone', () => Buffer.concat(numbers(0, 9).map(() => nullPacket())), 'no-program'],
  ['a packet missing', () => without(plain[0] ?? new Uint8Array(), 40), 'lost-packets'],
  ['the end missing', () => (plain[0] ?? new Uint8Array()).subarray(0, PACKET_BYTES * 3), 'unsupported'],
] as const)('%s is refused with what is wrong', (_, bytes, fault) => {
  expect(faultOf(bytes())).toMatchObject({ name: 'TransportError', fault })
})

function nullPacket(): Uint8Array {
  return Uint8Array.from({ length: PACKET_BYTES }, (_, at) => [0x47, 0x1f, 0xff, 0x10][at] ?? 0xff)
}

function without(bytes: Uint8Array, packet: number): Uint8Array {
  return Buffer.concat([bytes.subarray(0, packet * PACKET_BYTES), bytes.subarray((packet + 1) * PACKET_BYTES)])
}

/** Where ffmpeg puts picture and sound, and how their PES packets are called. */
const PICTURE = { pid: 256, streamId: 0xe0 }
const SOUND = { pid: 257, streamId: 0xc0 }

/** The segment with one endless PES packet of a pattern instead of its own for that PID. */
function flooded(segment: Uint8Array, { pid, streamId }: typeof PICTURE, pattern: readonly number[], bytes: number) {
  const kept = numbers(0, segment.length / PACKET_BYTES)
    .map(index => segment.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES))
    .filter(packet => (((packet[1] ?? 0) & 0x1f) << 8) + (packet[2] ?? 0) !== pid)
  const header = [0, 0, 1, streamId, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1]
  const stream = Buffer.concat([Buffer.from(header), Buffer.alloc(bytes, Buffer.from(pattern))])
  const packets = numbers(0, Math.floor(stream.length / 184)).map(index => {
    const start = [0x47, (pid >> 8) | (index === 0 ? 0x40 : 0), pid & 0xff, 0x10 | (index % 16)]
    return Buffer.concat([Buffer.from(start), stream.subarray(index * 184, (index + 1) * 184)])
  })
  return Buffer.concat([...kept, ...packets])
}

test.each([
  ['a picture of parts without end', PICTURE, [0, 0, 1, 6]],
  ['sound of frames without end', SOUND, [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x1f, 0xfc, 0]],
])('%s is refused before it fills the memory', (_, place, pattern) => {
  expect(faultOf(flooded(plain[0] ?? new Uint8Array(), place, pattern, 1_000_000))).toMatchObject({ fault: 'too-many' })
})

test('damaged bytes are read or refused as such, never a crash and never an endless wait', () => {
  const bytes = fc.constantFrom(...[...plain, ...reordered].map(segment => segment.slice(0, PACKET_BYTES * 60)))
  const place = fc.oneof(fc.nat(PACKET_BYTES * 8), fc.nat(PACKET_BYTES * 60 - 1))
  const flips = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(bytes, flips, fc.nat(60), (segment, changes, packets) => {
      const damaged = segment.slice(0, segment.length - packets * PACKET_BYTES)
      for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte
      const fault = faultOf(damaged)
      expect(fault === undefined || fault instanceof TransportError, String(fault)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('arbitrary packets are refused as such', () => {
  const packet = fc.uint8Array({ minLength: PACKET_BYTES - 1, maxLength: PACKET_BYTES - 1 })
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 12 }), packets => {
      expect(faultOf(concatBytes(packets.flatMap(body => [Uint8Array.of(0x47), body])))).toBeInstanceOf(TransportError)
    }),
  )
})
