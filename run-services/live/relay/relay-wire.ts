import { z } from 'zod'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'

/** First bytes of a connection: `SHWR` and the version of everything after it. */
const MAGIC = Uint8Array.of(0x53, 0x48, 0x57, 0x52)
const RELAY_VERSION = 1
const HELLO_HEAD_BYTES = 9
const HELLO_BYTES_MAX = 16 * 1024
const FRAME_HEAD_BYTES = 5
const PROGRESS_BYTES = 8
/** Largest frame; a pipe gives at most 64 KiB at once. */
export const FRAME_BYTES_MAX = 1024 * 1024

/** Track numbers from here on are not media. */
const END_TRACK = 255
const PROGRESS_TRACK = 254
const TRACKS_MAX = 16

const videoTrack = z.strictObject({
  kind: z.literal('video'),
  name: z.string().regex(/^\w{1,16}$/),
  width: z.int().min(2).max(8192).multipleOf(2),
  height: z.int().min(2).max(8192).multipleOf(2),
  bitrateKbps: z.int().min(1).max(100_000),
})
const audioTrack = z.strictObject({
  kind: z.literal('audio'),
  name: z.literal('audio'),
  bitrateKbps: z.int().min(8).max(1_000),
  sampleRate: z.int().min(8_000).max(96_000),
  channels: z.int().min(1).max(8),
})
const relayHello = z.strictObject({
  plan: z.strictObject({
    fps: z.number().min(1).max(120),
    gopS: z.number().min(0.5).max(10),
    partFrames: z.int().min(1).max(1_200),
    tracks: z
      .array(z.discriminatedUnion('kind', [videoTrack, audioTrack]))
      .min(1)
      .max(TRACKS_MAX),
    omitted: z.array(z.string()).max(TRACKS_MAX),
  }),
  /** Source time that is decoded but left out of the output, ms. */
  skipMs: z.int().min(0).max(60_000),
})

/** What a connection asks for: one encoder with this plan. */
export type RelayHello = { plan: LadderPlan; skipMs: number }

const relayEnd = z.object({
  reason: z.enum(['source-ended', 'encoder-died', 'refused', 'aborted']),
  /** One plain sentence. */
  sentence: z.string(),
  stderrTail: z.string(),
})
/** How an encoder ended, told in its last frame. */
export type RelayEnd = z.infer<typeof relayEnd>

export type RelayFrame =
  | { kind: 'media'; track: number; bytes: Uint8Array }
  | { kind: 'progress'; consumedBytes: number }
  | { kind: 'end'; end: RelayEnd }

/** The peer does not speak this wire. */
export class RelayError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RelayError'
  }
}

/** Magic, version (u8), length (u32) and JSON; source bytes follow it until the sender half-closes. */
export function helloBytes(hello: RelayHello): Uint8Array {
  const json = Buffer.from(JSON.stringify(hello), 'utf8')
  const head = new Uint8Array(HELLO_HEAD_BYTES)
  head.set(MAGIC)
  head[4] = RELAY_VERSION
  new DataView(head.buffer).setUint32(5, json.byteLength)
  return Buffer.concat([head, json])
}

/** Reads the hello when it is whole; `rest` is source already. Throws `RelayError`. */
export function readHello(bytes: Uint8Array): { hello: RelayHello; rest: Uint8Array } | undefined {
  const known = Math.min(bytes.byteLength, MAGIC.byteLength)
  if (!MAGIC.subarray(0, known).every((byte, index) => bytes[index] === byte)) {
    throw new RelayError('This port speaks the relay wire.')
  }
  if (bytes.byteLength < HELLO_HEAD_BYTES) return undefined
  if (bytes[4] !== RELAY_VERSION) {
    throw new RelayError(`The peer speaks version ${bytes[4]} of the relay wire, this side ${RELAY_VERSION}.`)
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(5)
  if (length > HELLO_BYTES_MAX) throw new RelayError(`A hello of ${length} bytes is above ${HELLO_BYTES_MAX}.`)
  const end = HELLO_HEAD_BYTES + length
  if (bytes.byteLength < end) return undefined
  return { hello: parsed(relayHello, bytes.subarray(HELLO_HEAD_BYTES, end)), rest: bytes.subarray(end) }
}

/** Head of a media frame; the bytes follow it as they are. */
export function mediaFrameHead(track: number, length: number): Uint8Array {
  return frameHead(track, length)
}

/** Source bytes the encoder has taken so far: the sender's flow control, and the sign of life. */
export function progressFrame(consumedBytes: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + PROGRESS_BYTES)
  bytes.set(frameHead(PROGRESS_TRACK, PROGRESS_BYTES))
  new DataView(bytes.buffer).setFloat64(FRAME_HEAD_BYTES, consumedBytes)
  return bytes
}

export function endFrame(end: RelayEnd): Uint8Array {
  const json = Buffer.from(JSON.stringify(end), 'utf8')
  return Buffer.concat([frameHead(END_TRACK, json.byteLength), json])
}

/** Reads frames pushed in pieces of any size; holds at most one. Throws `RelayError`. */
export class RelayFrameReader {
  #pending: Uint8Array = new Uint8Array(0)

  push(bytes: Uint8Array): RelayFrame[] {
    let rest: Uint8Array = this.#pending.byteLength === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const frames: RelayFrame[] = []
    while (rest.byteLength >= FRAME_HEAD_BYTES) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(1)
      if (length > FRAME_BYTES_MAX) throw new RelayError(`A frame of ${length} bytes is above ${FRAME_BYTES_MAX}.`)
      const end = FRAME_HEAD_BYTES + length
      if (rest.byteLength < end) break
      frames.push(frameOf(rest[0] ?? 0, rest.subarray(FRAME_HEAD_BYTES, end)))
      rest = rest.subarray(end)
    }
    this.#pending = rest.byteLength === 0 ? rest : new Uint8Array(rest)
    return frames
  }
}

function frameHead(track: number, length: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD_BYTES)
  head[0] = track
  new DataView(head.buffer).setUint32(1, length)
  return head
}

function frameOf(track: number, bytes: Uint8Array): RelayFrame {
  if (track === PROGRESS_TRACK) {
    if (bytes.byteLength !== PROGRESS_BYTES) throw new RelayError('A progress frame is 8 bytes.')
    return { kind: 'progress', consumedBytes: new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0) }
  }
  if (track === END_TRACK) return { kind: 'end', end: parsed(relayEnd, bytes) }
  if (track >= TRACKS_MAX) throw new RelayError(`Track ${track} is above ${TRACKS_MAX - 1}.`)
  return { kind: 'media', track, bytes }
}

function parsed<Shape extends z.ZodType>(shape: Shape, bytes: Uint8Array): z.infer<Shape> {
  try {
    return shape.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (cause) {
    throw new RelayError(`The relay message is malformed: ${cause instanceof Error ? cause.message : 'unreadable'}`)
  }
}
