import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FlvTag } from '../flv/flv-tag.ts'
import { flvTagBytes } from '../flv/flv-tag-bytes.ts'
import { encodeAmf0 } from './amf0.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { RtmpClientSession, type RtmpClientEvent } from './rtmp-client-session.ts'
import { commandOf } from './rtmp-connection.ts'
import { RtmpError } from './rtmp-error.ts'
import { controlMessage, MESSAGE_TYPES, USER_CONTROL, userControlMessage, type RtmpMessage } from './rtmp-message.ts'
import { RtmpServerSession, type RtmpServerEvent } from './rtmp-server-session.ts'

const zeros = (length: number): Uint8Array => new Uint8Array(length)
const video = (timestampMs: number): FlvTag => ({
  kind: 'video',
  timestampMs,
  body: Uint8Array.of(0x17, 1, 0, 0, 0, 9),
})

type Pair = { server: RtmpServerSession; client: RtmpClientSession; seen: RtmpServerEvent[]; told: RtmpClientEvent[] }

function pair(target: { app?: string; streamKey?: string } = {}): Pair {
  const { app = 'live', streamKey = 'key-1' } = target
  const client = new RtmpClientSession({ app, streamKey, url: `rtmp://here/${app}` }, zeros)
  return { server: new RtmpServerSession(zeros), client, seen: [], told: [] }
}

/** Carries bytes both ways until nobody has anything to say. */
function talk({ server, client, seen, told }: Pair): void {
  for (;;) {
    const up = client.takeOutput()
    for (const bytes of up) seen.push(...server.receive(bytes))
    const down = server.takeOutput()
    for (const bytes of down) told.push(...client.receive(bytes))
    if (up.length + down.length === 0) return
  }
}

test('a publisher with a good key is heard out: key first, then its tags, then its goodbye', () => {
  const both = pair()
  talk(both)
  expect(both.seen).toEqual([{ kind: 'publish', streamKey: 'key-1' }])
  expect(both.told).toEqual([])
  both.server.accept()
  talk(both)
  expect(both.told).toEqual([{ kind: 'publishing' }])
  const metadata: FlvTag = { kind: 'script', timestampMs: 0, body: encodeAmf0(['onMetaData', { framerate: 30 }]) }
  const tags = [metadata, video(0), video(0xffffff), video(0xffffffff)]
  for (const tag of tags) both.client.sendTag(tag)
  both.client.unpublish()
  talk(both)
  expect(both.seen.slice(1)).toEqual([...tags.map(tag => ({ kind: 'tag', tag })), { kind: 'unpublish' }])
})

test('a refused key is answered with NetStream.Publish.BadName and the sentence', () => {
  const both = pair()
  talk(both)
  both.server.refuse('This stream key is not known.')
  talk(both)
  expect(both.told).toEqual([
    { kind: 'refused', code: 'NetStream.Publish.BadName', sentence: 'This stream key is not known.' },
  ])
})

test('media sent before the key is accepted is not passed on until it is', () => {
  const both = pair()
  talk(both)
  const writer = new ChunkWriter()
  const early = writer.write({ type: MESSAGE_TYPES.video, timestampMs: 5, streamId: 1, body: video(5).body })
  expect(both.server.receive(early)).toEqual([])
  expect(both.server.accept()).toEqual([{ kind: 'tag', tag: video(5) }])
})

test('another application than live is refused with the URL to use', () => {
  const both = pair({ app: 'other' })
  expect(() => talk(both)).toThrow('rtmp://<host>/live/<stream key>')
})

test('the query some encoders append is not part of the key', () => {
  const both = pair({ streamKey: 'key-1?token=2' })
  talk(both)
  expect(both.seen).toEqual([{ kind: 'publish', streamKey: 'key-1' }])
})

function accepted(): Pair {
  const both = pair()
  talk(both)
  both.server.accept()
  talk(both)
  both.seen.length = 0
  return both
}

/** A message as the client's connection would send it: chunks of 4096 bytes. */
function chunk(message: Omit<RtmpMessage, 'streamId'>): Uint8Array {
  return new ChunkWriter().write({ ...message, streamId: 1 })
}

test('enhanced RTMP is refused by name', () => {
  const hevc = Uint8Array.of(0x90, ...Buffer.from('hvc1'), 0)
  const { server } = accepted()
  expect(() => server.receive(chunk({ type: MESSAGE_TYPES.video, timestampMs: 0, body: hevc }))).toThrow(/hvc1.*H\.264/)
})

test('an aggregate is taken apart with its own timestamps rebased on the message', () => {
  const inner = [video(1000), { kind: 'audio' as const, timestampMs: 1010, body: Uint8Array.of(0xaf, 1, 2) }]
  const body = new Uint8Array(Buffer.concat(inner.map(flvTagBytes)))
  const { server } = accepted()
  const events = server.receive(chunk({ type: MESSAGE_TYPES.aggregate, timestampMs: 50, body }))
  expect(events.map(event => (event.kind === 'tag' ? event.tag.timestampMs : undefined))).toEqual([50, 60])
})

test('a ping is answered with its own value', () => {
  const { server } = accepted()
  server.receive(new ChunkWriter().write(userControlMessage(USER_CONTROL.pingRequest, 1234)))
  const answer = new ChunkReader().push(server.takeOutput()[0] ?? new Uint8Array(0))
  expect(answer[0]).toMatchObject(userControlMessage(USER_CONTROL.pingResponse, 1234))
})

test('received bytes are acknowledged once a window', () => {
  const { server } = accepted()
  server.takeOutput()
  server.receive(new ChunkWriter().write(controlMessage(MESSAGE_TYPES.windowAcknowledgement, 4096)))
  const acknowledged = (): number => server.takeOutput().flatMap(bytes => new ChunkReader().push(bytes)).length
  const before = acknowledged()
  for (let at = 0; at < 100; at += 1) {
    server.receive(chunk({ type: MESSAGE_TYPES.audio, timestampMs: at, body: zeros(100) }))
  }
  const windows = Math.floor((100 * 112) / 4096)
  expect(before + acknowledged()).toBeGreaterThanOrEqual(windows)
  expect(acknowledged()).toBe(0)
})

test('somebody who wants to watch is told where', () => {
  const { server } = accepted()
  const body = encodeAmf0(['play', 0, null, 'key-1'])
  expect(() => server.receive(chunk({ type: MESSAGE_TYPES.command, timestampMs: 0, body }))).toThrow('HLS')
})

test('a publisher whose bytes are changed anywhere is heard or gets an RtmpError, and no tag passes undecided', () => {
  const whole = conversation()
  const changes = fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 10,
  })
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 4000 }), (flips, piece) => {
      const bytes = whole.slice()
      for (const [at, byte] of flips) bytes[at] = byte
      const { events, fault } = heard(bytes, piece)
      expect(fault === undefined || fault instanceof RtmpError).toBe(true)
      expect(events.some(event => event.kind === 'tag')).toBe(false)
    }),
    { numRuns: 500 },
  )
})

/** Everything a publisher sends that does not wait for answers. */
function conversation(): Uint8Array {
  const writer = new ChunkWriter()
  const command = (...values: Parameters<typeof encodeAmf0>[0]): Uint8Array =>
    writer.write({ type: MESSAGE_TYPES.command, timestampMs: 0, streamId: 0, body: encodeAmf0(values) })
  const hello = new Uint8Array(1 + 1536)
  hello[0] = 3
  return Buffer.concat([
    hello,
    zeros(1536),
    command('connect', 1, { app: 'live', tcUrl: 'rtmp://here/live' }),
    command('createStream', 2, null),
    command('publish', 3, null, 'key-1', 'live'),
    writer.write({ type: MESSAGE_TYPES.video, timestampMs: 0, streamId: 1, body: video(0).body }),
  ])
}

function heard(bytes: Uint8Array, piece: number): { events: RtmpServerEvent[]; fault: unknown } {
  const server = new RtmpServerSession(zeros)
  const events: RtmpServerEvent[] = []
  try {
    for (let at = 0; at < bytes.byteLength; at += piece) events.push(...server.receive(bytes.subarray(at, at + piece)))
    return { events, fault: undefined }
  } catch (fault) {
    return { events, fault }
  }
}

test('the command of a message that is none is undefined', () => {
  expect(commandOf({ type: MESSAGE_TYPES.audio, timestampMs: 0, streamId: 0, body: zeros(3) })).toBeUndefined()
})
