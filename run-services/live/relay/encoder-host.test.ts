import { connect, type Socket } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import { flvHeader, flvTagBytes } from '#shared/media/flv/flv-tag-bytes.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { detectSandbox, type Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { eventually } from '../../../test/helpers/eventually.ts'
import { flvClip } from '../../../test/helpers/flv-clip.ts'
import { encodeOverRelay, type EncoderRun } from './encode-over-relay.ts'
import { encoderHost, type EncoderHost } from './encoder-host.ts'
import { RelayFrameReader, type RelayFrame } from './relay-wire.ts'

const PLAN: LadderPlan = {
  fps: 30,
  gopS: 2,
  partFrames: 6,
  tracks: [
    { kind: 'video', name: '180p', width: 320, height: 180, bitrateKbps: 300 },
    { kind: 'audio', name: 'audio', bitrateKbps: 96, sampleRate: 48_000, channels: 2 },
  ],
  omitted: [],
}
const log = { info: () => undefined, warn: () => undefined }

let sandbox: Sandbox
let clip: FlvTag[]
beforeAll(async () => {
  sandbox = await detectSandbox()
  clip = await flvClip({ seconds: 2 })
})

async function host(encoders = 2): Promise<EncoderHost> {
  const started = await encoderHost({ port: 0, sandbox, encoders, log })
  onTestFinished(() => started.close())
  return started
}

type Encoding = { run: EncoderRun; bytes: (track: number) => Buffer; abort: AbortController }

async function encode(port: number): Promise<Encoding> {
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const tracks = new Map<number, Buffer[]>()
  const run = await encodeOverRelay({
    plan: PLAN,
    skipMs: 0,
    relay: { host: '127.0.0.1', port },
    signal: abort.signal,
    onMedia: (track, bytes) => tracks.set(track, [...(tracks.get(track) ?? []), Buffer.from(bytes)]),
  })
  return { run, abort, bytes: track => Buffer.concat(tracks.get(track) ?? []) }
}

async function feed({ run }: Encoding): Promise<void> {
  await run.write(flvHeader({ audio: true, video: true }), 0)
  for (const tag of clip) await run.write(flvTagBytes(tag), tag.timestampMs)
}

test('source bytes in, one fragmented MP4 a track out, and an honest end', async () => {
  const { port, running } = await host()
  const encoding = await encode(port)
  await feed(encoding)
  encoding.run.finish()
  expect(await encoding.run.ended).toMatchObject({ reason: 'source-ended' })
  for (const track of [0, 1]) {
    expect(encoding.bytes(track).toString('latin1', 4, 8)).toBe('ftyp')
    expect(encoding.bytes(track).includes('moof')).toBe(true)
  }
  await eventually(
    () => running(),
    pids => expect(pids).toEqual([]),
  )
})

test('an encoder that is killed is reported with its signal, and one whose client goes is ended', async () => {
  const { port, running } = await host()
  const encoding = await encode(port)
  const [pid] = await eventually(
    () => running(),
    pids => expect(pids).toHaveLength(1),
  )
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  expect(await encoding.run.ended).toMatchObject({ reason: 'encoder-died', sentence: 'The encoder died (SIGKILL).' })
  const second = await encode(port)
  await eventually(
    () => running(),
    pids => expect(pids).toHaveLength(1),
  )
  second.abort.abort()
  expect(await second.run.ended).toMatchObject({ reason: 'aborted' })
  await eventually(
    () => running(),
    pids => expect(pids).toEqual([]),
  )
})

test('source that is no FLV ends the encoder with its log', async () => {
  const { port } = await host()
  const { run } = await encode(port)
  await run.write(Buffer.from('#EXTM3U\nfile:///etc/passwd\n'.repeat(4_000)), 0)
  run.finish()
  const end = await run.ended
  expect(end.reason).toBe('encoder-died')
  expect(end.stderrTail).not.toBe('')
})

test('more encoders than the machine may run are refused', async () => {
  const { port } = await host(1)
  await encode(port)
  const { run } = await encode(port)
  expect(await run.ended).toMatchObject({ reason: 'refused' })
})

test('a peer that speaks something else gets a sentence, one that says nothing is closed', async () => {
  const { port, running } = await host()
  expect(await answerTo(port, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toMatchObject([
    { kind: 'end', end: { reason: 'refused', sentence: 'This port speaks the relay wire.' } },
  ])
  expect(await answerTo(port, Buffer.from('SHW'))).toEqual([])
  expect(running()).toEqual([])
})

/** Frames a host answers until it closes. */
async function answerTo(port: number, bytes: Uint8Array): Promise<RelayFrame[]> {
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  const reader = new RelayFrameReader()
  const frames: RelayFrame[] = []
  socket.on('data', data => frames.push(...reader.push(data)))
  socket.write(bytes)
  await new Promise(resolve => socket.once('close', resolve))
  return frames
}
