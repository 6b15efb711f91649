import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { type LiveProcess, startLive } from '../helpers/live-process.ts'
import { descendants, isAlive } from '../helpers/process-tree.ts'
import { type ProviderEar, providerEar } from '../helpers/provider-ear.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { segmentsWhole, storedWhole } from '../helpers/stored-segments.ts'

const SMALL = { width: 320, height: 180 }
const WITHIN = { withinMs: 30_000 }

let ear: ProviderEar
let live: LiveProcess

beforeAll(async () => {
  ear = await providerEar()
  live = await startLive({ eventsUrl: ear.url })
})

afterAll(async () => {
  await live[Symbol.asyncDispose]()
  await ear[Symbol.asyncDispose]()
})

async function untilSegments(ref: string, count: number) {
  await eventually(
    () => ear.segments(ref),
    segments => expect(segments.length).toBeGreaterThanOrEqual(count),
    WITHIN,
  )
}

async function untilEnded(ref: string) {
  await eventually(
    () => ear.names(ref),
    names => expect(names.at(-1)).toBe('Recording End'),
    WITHIN,
  )
}

async function pid(): Promise<number> {
  return live.process.pid ?? expect.fail('It does not run.')
}

test('a killed encoder is replaced: a new epoch of the same show, the publisher stays', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 2 })
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilSegments(ref, 1)
  const stream = await live.stream(ref)
  const encoders = await descendants(await pid())
  expect(encoders.length).toBeGreaterThan(0)
  for (const encoder of encoders) process.kill(encoder, 'SIGKILL')
  const epochs = () => new Set(ear.segments(ref).map(({ epoch }) => epoch)).size
  await eventually(
    () => expect(epochs()).toBe(2),
    () => true,
    WITHIN,
  )
  expect(publisher.process.exitCode).toBeNull()
  expect(await live.stream(ref)).toMatchObject({ stream_id: stream?.stream_id, state: 'live', epoch: stream?.epoch })
  expect(ear.names(ref).filter(name => name === 'Stream Start')).toHaveLength(1)
  await publisher.stop()
  await untilEnded(ref)
  segmentsWhole(ear.segments(ref))
  await storedWhole(live, ear, ref, stream?.stream_id ?? '')
})

test('after kill -9 of the plane the show goes on with the same id and nothing that was stored is missing', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 30 })
  const first = ffmpegPublisher(rtmpUrl, SMALL)
  await untilSegments(ref, 2)
  const stream = await live.stream(ref)
  const children = await descendants(await pid())
  await live.kill()
  await eventually(() => expect(children.filter(isAlive)).toEqual([]))
  await first.ended
  live = await startLive({ eventsUrl: ear.url, dataDir: live.dataDir, ports: live.ports })
  expect((await live.stream(ref))?.state).toBe('waiting')
  const second = ffmpegPublisher(rtmpUrl, SMALL)
  await eventually(
    () => live.stream(ref),
    found => expect(found?.state).toBe('live'),
    WITHIN,
  )
  const before = ear.segments(ref).length
  await untilSegments(ref, before + 2)
  expect((await live.stream(ref))?.stream_id).toBe(stream?.stream_id)
  await second.stop()
  await live.call('DELETE', `/plane/channels/${ref}/stream`)
  await untilEnded(ref)
  segmentsWhole(ear.segments(ref))
  await storedWhole(live, ear, ref, stream?.stream_id ?? '')
})

test('events that nobody heard survive kill -9 and are told by the next process', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 1 })
  ear.deaf(true)
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await eventually(
    () => live.stream(ref),
    found => expect(found?.state).toBe('live'),
    WITHIN,
  )
  const { stream_id: streamId } = (await live.stream(ref)) ?? expect.fail('No stream.')
  await eventually(
    () => live.recording(streamId),
    recording => expect(recording?.segments_stored).toBeGreaterThan(1),
    WITHIN,
  )
  await live.kill()
  await publisher.ended
  ear.deaf(false)
  live = await startLive({ eventsUrl: ear.url, dataDir: live.dataDir, ports: live.ports })
  await untilEnded(ref)
  segmentsWhole(ear.segments(ref))
  await storedWhole(live, ear, ref, streamId)
  expect(ear.names(ref).filter(name => name === 'Session Ended')).toHaveLength(1)
})

test('SIGTERM lets publishers go, keeps what is open and leaves within 8 s; the show goes on afterwards', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 30 })
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilSegments(ref, 1)
  const stream = await live.stream(ref)
  const startedAt = performance.now()
  expect(await live.stop()).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(8_500)
  await publisher.ended
  live = await startLive({ eventsUrl: ear.url, dataDir: live.dataDir, ports: live.ports })
  const again = ffmpegPublisher(rtmpUrl, SMALL)
  await eventually(
    () => live.stream(ref),
    found => expect(found?.state).toBe('live'),
    WITHIN,
  )
  expect((await live.stream(ref))?.stream_id).toBe(stream?.stream_id)
  await again.stop()
  await live.call('DELETE', `/plane/channels/${ref}/stream`)
  await untilEnded(ref)
  segmentsWhole(ear.segments(ref))
})

test('garbage and half-open connections on the RTMP port cost an honest show nothing', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilSegments(ref, 1)
  const stream = await live.stream(ref)
  const random = seededRandom('garbage on the door')
  for (let round = 0; round < 40; round += 1) {
    const socket = connect({ port: Number(live.ports.RTMP_PORT), host: '127.0.0.1' })
    socket.on('error', () => undefined)
    const bytes = Buffer.from(Array.from({ length: 1 + random.between(0, 3_000) }, () => random.between(0, 255)))
    socket.write(bytes)
    if (random.between(0, 1) === 0) socket.destroySoon()
  }
  const before = ear.segments(ref).length
  await untilSegments(ref, before + 3)
  const during = await live.stream(ref)
  expect(during).toMatchObject({ stream_id: stream?.stream_id, epoch: stream?.epoch, state: 'live' })
  await publisher.stop()
  await untilEnded(ref)
  const segments = ear.segments(ref)
  segmentsWhole(segments)
  expect(new Set(segments.map(({ epoch }) => epoch)).size).toBe(1)
  for (const segment of segments.slice(0, -1)) expect(segment.duration_ms).toBeCloseTo(2_000, -2)
})
