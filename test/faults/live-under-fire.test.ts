import { connect } from 'node:net'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { rtmpPublisher } from '#shared/service/rtmp-publisher.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CreatedChannel,
  type CreatorClient,
  creatorClient,
  publishUrl,
  type StreamFacts,
} from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { flvClip } from '../helpers/flv-clip.ts'
import { type FfmpegPublisher, ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { commandsBelow, descendants, isAlive } from '../helpers/process-tree.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { type SeededRandom, seededRandom } from '../helpers/seeded-random.ts'
import { currentSize, sized } from '../helpers/size.ts'

const SMALL = { width: 320, height: 180 }
const WITHIN = { withinMs: 60_000 }

let platform: Platform
let alice: CreatorClient
let random: SeededRandom

beforeAll(async () => {
  random = seededRandom('live under fire')
  platform = await startPlatform()
  alice = await creatorClient(platform)
}, 120_000)

afterAll(async () => {
  await platform[Symbol.asyncDispose]()
})

/** The init of the newest epoch that has a part, as a viewer's playlist names it. */
async function newestInit({ playback }: StreamFacts): Promise<string> {
  const master = await (await fetch(playback.hls_url)).text()
  const variant = master.split('\n').find(line => line !== '' && !line.startsWith('#')) ?? ''
  const playlist = await (await fetch(new URL(variant, playback.hls_url))).text()
  return [...playlist.matchAll(/#EXT-X-MAP:URI="([^"]+)"/gu)].at(-1)?.[1] ?? ''
}

async function goLive(channel: CreatedChannel): Promise<{ publisher: FfmpegPublisher; stream: StreamFacts }> {
  const publisher = ffmpegPublisher(publishUrl(platform, channel), SMALL)
  const stream = await eventually(
    () => alice.liveStream(channel.id),
    found => expect(found).toBeDefined(),
    WITHIN,
  )
  if (stream === undefined) throw new Error('No stream went live.')
  return { publisher, stream }
}

/** Waits until that many segments more are indexed; a fact, not a time. */
async function moreSegments(streamId: string, count: number): Promise<void> {
  const { indexed } = await alice.ledger(streamId)
  await eventually(
    () => alice.ledger(streamId),
    ledger => expect(ledger.indexed).toBeGreaterThanOrEqual(indexed + count),
    WITHIN,
  )
}

/** Publishes again, as an encoder's reconnect loop does, until the stream is live in a later epoch. */
async function comeBack(channel: CreatedChannel, before: StreamFacts): Promise<FfmpegPublisher> {
  let publisher = ffmpegPublisher(publishUrl(platform, channel), SMALL)
  await eventually(
    async () => {
      if (publisher.process.exitCode !== null) publisher = ffmpegPublisher(publishUrl(platform, channel), SMALL)
      return alice.stream(before.id)
    },
    ({ state, epoch }) => {
      expect(state).toBe('live')
      expect(epoch).toBeGreaterThan(before.epoch)
    },
    WITHIN,
  )
  return publisher
}

async function endedWhole(channel: CreatedChannel, stream: StreamFacts): Promise<void> {
  await alice.complete(stream.id)
  await eventually(
    () => alice.stream(stream.id),
    ({ state }) => expect(state).toBe('archived'),
    WITHIN,
  )
  const ledger = await eventually(
    () => alice.ledger(stream.id),
    ({ off }) => expect(off).toBe(0),
    WITHIN,
  )
  expect(ledger.produced).toBeGreaterThan(0)
  expect(await alice.streamsOf(channel.id)).toHaveLength(1)
}

test('L1: a connection cut within the window keeps the stream, its recording and its numbers', async () => {
  const channel = await alice.createChannel({ reconnect_window_s: 60 })
  let { publisher, stream } = await goLive(channel)
  for (let cut = 0; cut < sized({ test: 1, prove: 5, full: 50 }); cut += 1) {
    await moreSegments(stream.id, 1)
    await publisher.kill()
    await eventually(
      () => alice.stream(stream.id),
      ({ state }) => expect(state).toBe('reconnecting'),
      WITHIN,
    )
    publisher = ffmpegPublisher(publishUrl(platform, channel), SMALL)
    await eventually(
      () => alice.stream(stream.id),
      ({ state }) => expect(state).toBe('live'),
      WITHIN,
    )
    await moreSegments(stream.id, 1)
  }
  await publisher.stop()
  await endedWhole(channel, stream)
})

test('L2: after the window the stream ends once', async () => {
  for (let round = 0; round < sized({ test: 1, prove: 3, full: 20 }); round += 1) {
    const channel = await alice.createChannel({ reconnect_window_s: 1 })
    const { publisher, stream } = await goLive(channel)
    await moreSegments(stream.id, 1)
    await publisher.kill()
    await eventually(
      () => alice.stream(stream.id),
      ({ state }) => expect(state).toBe('archived'),
      WITHIN,
    )
    const { body } = await alice.send('GET', `/v1/streams/${stream.id}/timeline?limit=100`)
    const ends = (body as { data: { type: string }[] }).data.filter(({ type }) => type === 'stream.ended')
    expect(ends).toHaveLength(1)
    expect((await alice.ledger(stream.id)).off).toBe(0)
  }
})

test('L3: timestamps that jump, wrap and drift make one whole show with growing program times', async () => {
  const clip = await flvClip({ seconds: 6, size: '320x180' })
  const sane = (tag: FlvTag) => tag.timestampMs
  const MAD: Record<string, (tag: FlvTag) => number> = {
    'a jump ahead by an hour': tag => (tag.timestampMs > 3000 ? tag.timestampMs + 3_600_000 : sane(tag)),
    'a jump back by a minute': tag => (tag.timestampMs > 3000 ? sane(tag) : tag.timestampMs + 60_000),
    'a wrap of 32 bits': tag => (tag.timestampMs + 2 ** 32 - 3000) >>> 0,
    'a drift of sound by one in a hundred': tag => Math.round(tag.timestampMs * (tag.kind === 'audio' ? 1.01 : 1)),
  }
  for (const [name, timestampOf] of Object.entries(MAD)) {
    const channel = await alice.createChannel()
    const publisher = await rtmpPublisher({ url: publishUrl(platform, channel) })
    const tags = clip.map(tag => ({ ...tag, timestampMs: timestampOf(tag) }))
    await publisher.play(tags, { realTime: false, signal: AbortSignal.timeout(60_000) })
    const found = await eventually(
      async () => (await alice.streamsOf(channel.id))[0],
      one => expect(one, name).toBeDefined(),
      WITHIN,
    )
    if (found === undefined) throw new Error('No stream began.')
    await eventually(
      () => alice.ledger(found.id),
      ({ indexed }) => expect(indexed, name).toBeGreaterThanOrEqual(2),
      WITHIN,
    )
    await publisher.close()
    await endedWhole(channel, found)
    const { duration_ms } = await alice.ledger(found.id)
    expect(duration_ms, name).toBeGreaterThan(4500)
    expect(duration_ms, name).toBeLessThan(8000)
  }
})

test('L4: garbage and half-open sockets on the door leave the honest show whole', async () => {
  const channel = await alice.createChannel()
  const { publisher, stream } = await goLive(channel)
  const { port } = new URL(platform.rtmpUrl.replace('rtmp:', 'http:'))
  const attacks = sized({ test: 60, prove: 1000, full: 10_000 })
  for (let attack = 0; attack < attacks; attack += 1) {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    const bytes = Uint8Array.from({ length: random.between(0, 4000) }, () => random.between(0, 255))
    if (random.next() < 0.5) bytes[0] = 3
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    await new Promise<void>(resolve => socket.write(bytes.length > 0 ? bytes : new Uint8Array([3]), () => resolve()))
    if (random.next() < 0.8) {
      socket.destroy()
      await closed
    }
  }
  await moreSegments(stream.id, 2)
  expect(publisher.process.exitCode).toBeNull()
  await publisher.stop()
  await endedWhole(channel, stream)
})

test('L5: a killed encoder is replaced, at most one segment is lost, and the publisher stays', async () => {
  const channel = await alice.createChannel()
  const { publisher, stream } = await goLive(channel)
  const ms: number[] = []
  for (let kill = 0; kill < sized({ test: 1, prove: 3, full: 30 }); kill += 1) {
    await moreSegments(stream.id, 1)
    const { epoch } = await alice.stream(stream.id)
    const before = await newestInit(stream)
    const encoders = await commandsBelow(await platform.childPid('live'), 'ffmpeg')
    expect(encoders.length).toBeGreaterThan(0)
    const killedAt = performance.now()
    for (const pid of encoders) process.kill(pid, 'SIGKILL')
    await eventually(
      () => newestInit(stream),
      init => expect(init).not.toBe(before),
      WITHIN,
    )
    ms.push(Math.round(performance.now() - killedAt))
    expect(epoch).toBeGreaterThanOrEqual(stream.epoch)
  }
  process.stdout.write(`L5: first part of the new epoch after ${ms.join(', ')} ms\n`)
  if (currentSize() !== 'test') expect(Math.max(...ms)).toBeLessThan(2000)
  await moreSegments(stream.id, 1)
  expect(publisher.process.exitCode).toBeNull()
  await publisher.stop()
  await endedWhole(channel, stream)
})

test('L6: a second publisher on a live key is refused and never interleaved', async () => {
  const channel = await alice.createChannel()
  const { publisher, stream } = await goLive(channel)
  for (let round = 0; round < sized({ test: 1, prove: 3, full: 20 }); round += 1) {
    const second = ffmpegPublisher(publishUrl(platform, channel), { ...SMALL, seconds: 5 })
    expect(await second.ended).not.toBe(0)
  }
  await moreSegments(stream.id, 1)
  expect((await alice.stream(stream.id)).epoch).toBe(stream.epoch)
  await publisher.stop()
  await endedWhole(channel, stream)
})

test('a killed control plane loses no segment and the viewer goes on', async () => {
  const channel = await alice.createChannel()
  const { publisher, stream } = await goLive(channel)
  for (let kill = 0; kill < sized({ test: 1, prove: 5, full: 50 }); kill += 1) {
    await moreSegments(stream.id, 1)
    process.kill(await platform.childPid('control'), 'SIGKILL')
    expect((await fetch(stream.playback.hls_url)).status).toBe(200)
    await eventually(
      () => alice.send('GET', '/readyz').catch(() => ({ status: 0 })),
      ({ status }) => expect(status).toBe(200),
      WITHIN,
    )
  }
  await moreSegments(stream.id, 1)
  await publisher.stop()
  await endedWhole(channel, stream)
})

test('a killed media plane comes back with the recording whole and leaves no ffmpeg behind', async () => {
  const channel = await alice.createChannel({ reconnect_window_s: 60 })
  const { publisher, stream } = await goLive(channel)
  await moreSegments(stream.id, 2)
  const live = await platform.childPid('live')
  const children = await descendants(live)
  process.kill(live, 'SIGKILL')
  await publisher.ended
  await eventually(
    () => children.filter(isAlive),
    alive => expect(alive).toEqual([]),
    WITHIN,
  )
  await eventually(
    () => platform.childPid('live'),
    pid => expect(pid).not.toBe(live),
    WITHIN,
  )

  const back = await comeBack(channel, stream)
  await moreSegments(stream.id, 1)
  await back.stop()
  await endedWhole(channel, stream)
})
