import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { planeChannel, planeCreatedKey, type PlaneRecording, type PlaneStream } from '#shared/domain/plane-api.ts'
import type { ProviderEvent, StoredSegment } from '#shared/domain/provider-event.ts'
import { type CloudPlane, cloudPlane, type CloudTask } from '../helpers/cloud-plane.ts'
import { missingEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { segmentsWhole } from '../helpers/stored-segments.ts'

const missing = missingEmulator(motoEmulator)
const WITHIN = { withinMs: 60_000 }
/** A dead task's reports are another's after a minute, looked for twice a minute. */
const ADOPTED_WITHIN = { withinMs: 150_000 }
const SMALL = { width: 320, height: 180 }
/** More requests than EventBridge is asked for while it refuses. */
const ALL = 1_000_000

// Servers of three clouds start before the plane, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 })

async function newChannel(task: CloudTask): Promise<{ ref: string; playbackId: string; secret: string }> {
  const settings = {
    name: 'In the cloud',
    latency_mode: 'low',
    dvr_window_s: 3_600,
    renditions_max: 1,
    reconnect_window_s: 20,
    record: true,
    enabled: true,
  }
  const token = `token-${Math.random()}`
  const made = planeChannel.parse(await (await task.call('POST', '/plane/channels', { token, settings })).json())
  const path = `/plane/channels/${made.ref}/keys`
  const { secret } = planeCreatedKey.parse(await (await task.call('POST', path, { token })).json())
  return { ref: made.ref, playbackId: made.playback_id, secret }
}

const segmentsIn = (events: readonly ProviderEvent[]): StoredSegment[] =>
  events
    .flatMap(event => (event['detail-type'] === 'Segment Stored' ? event.detail.segment : []))
    .toSorted((a, b) => a.seq - b.seq)
const namesIn = (events: readonly ProviderEvent[]) =>
  events.flatMap(({ detail }) => ('event_name' in detail ? [detail.event_name] : []))

async function untilSegments(plane: CloudPlane, count: number): Promise<StoredSegment[]> {
  return await eventually(
    async () => segmentsIn(await plane.heard()),
    segments => expect(segments.length).toBeGreaterThanOrEqual(count),
    WITHIN,
  )
}

/** Every object that was told lies in the bucket with its digest. */
async function storedAsTold(plane: CloudPlane, segments: readonly StoredSegment[]): Promise<void> {
  for (const { uri, sha256, bytes } of segments.flatMap(({ renditions }) => renditions)) {
    const object = await plane.store.get(uri)
    const hash = createHash('sha256')
    for await (const chunk of object?.body ?? []) hash.update(chunk)
    expect({ uri, bytes: object?.bytes, sha256: hash.digest('hex') }).toEqual({ uri, bytes, sha256 })
  }
}

async function spooled(plane: CloudPlane): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of plane.store.list('plane/spool/')) keys.push(key)
  return keys
}

/** A task serves a playback id down to the bytes of a part, whoever has the show. */
async function plays(task: CloudTask, id: string): Promise<void> {
  const at = async (url: string | URL) => {
    const answer = await fetch(url)
    expect([answer.status, String(url)]).toEqual([200, String(url)])
    return { url: answer.url, text: await answer.text() }
  }
  const linesOf = (text: string) => text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  const master = await at(`http://127.0.0.1:${task.ports.media}/live/${id}/master.m3u8`)
  const playlist = await at(new URL(linesOf(master.text)[0] ?? '', master.url))
  const segment = await fetch(new URL(linesOf(playlist.text)[0] ?? '', playlist.url))
  expect((await segment.arrayBuffer()).byteLength).toBeGreaterThan(1_000)
}

describe.skipIf(missing !== undefined)(`the plane on AWS${missing === undefined ? '' : `: ${missing}`}`, () => {
  test('its media lie in S3, its reports come out of EventBridge, and nothing is lost while that refuses', async () => {
    await using plane = await cloudPlane()
    const task = await plane.task('0123456789abcdef0123456789abcdef')
    const { ref, secret } = await newChannel(task)
    const publisher = ffmpegPublisher(`rtmp://127.0.0.1:${task.ports.rtmp}/live/${secret}`, SMALL)
    const before = await untilSegments(plane, 1)
    const stream = (await (await task.call('GET', `/plane/channels/${ref}/stream`)).json()) as PlaneStream
    const at = `/plane/recordings/${stream.stream_id}`
    const recording = async () => (await (await task.call('GET', at)).json()) as PlaneRecording

    plane.eventBridge.throttle(ALL)
    await eventually(
      recording,
      found => expect(found.segments_stored).toBeGreaterThanOrEqual(before.length + 3),
      WITHIN,
    )
    const heardMeanwhile = segmentsIn(await plane.heard()).length
    expect((await recording()).segments_stored).toBeGreaterThan(heardMeanwhile)
    expect(await spooled(plane)).toContainEqual(expect.stringContaining('/0123456789abcdef0123456789abcdef/'))
    plane.eventBridge.throttle(0)
    // Taken, but nobody hears of it: told again, as the same fact.
    plane.eventBridge.loseAnswers(2)

    await publisher.stop()
    await task.call('DELETE', `/plane/channels/${ref}/stream`)
    const events = await eventually(
      async () => await plane.heard(),
      all => expect(namesIn(all)).toContain('Recording End'),
      WITHIN,
    )
    await eventually(
      async () => expect(await spooled(plane)).toEqual([]),
      () => true,
      WITHIN,
    )
    const { segments_produced: produced, segments_stored: stored, state } = await recording()
    const segments = segmentsIn(await plane.heard())
    segmentsWhole(segments)
    expect({ state, produced, told: segments.length }).toEqual({ state: 'complete', produced: stored, told: stored })
    await storedAsTold(plane, segments)
    expect(plane.eventBridge.lost()).toBe(2)
    expect(namesIn(events).filter(name => name === 'Stream Start')).toHaveLength(1)
    await task[Symbol.asyncDispose]()
    expect(await task.ended, task.output()).toBe(0)
    const [written] = plane.monitoring.received.slice(-1)
    expect(written?.headers.authorization).toBe('Bearer access-of-a-role')
    expect(JSON.stringify(written?.body)).toContain(
      'prometheus.googleapis.com/showreel_live_segments_stored_total/counter',
    )
  })

  test('with two tasks any of them answers for a show, and a publisher who comes back by the other goes on with it', async () => {
    await using plane = await cloudPlane()
    const [one, two] = [await plane.task('one'), await plane.task('two')]
    const { ref, playbackId, secret } = await newChannel(one)
    const path = `/plane/channels/${ref}/stream`
    const streamBy = async (task: CloudTask) => {
      const answer = await task.call('GET', path)
      return answer.status === 404 ? undefined : ((await answer.json()) as PlaneStream)
    }
    const isLiveBy = async (task: CloudTask) =>
      await eventually(
        () => streamBy(task),
        found => expect(found?.state).toBe('live'),
        WITHIN,
      )
    const first = ffmpegPublisher(`rtmp://127.0.0.1:${two.ports.rtmp}/live/${secret}`, SMALL)
    const before = await untilSegments(plane, 2)
    const live = await isLiveBy(one)
    expect(await (await one.call('GET', '/plane/streams')).json()).toMatchObject({ data: [{ ref, state: 'live' }] })
    expect((await one.call('POST', `/plane/channels/${ref}/metadata`, { payload: '{}' })).status).toBe(200)
    const id = live?.stream_id ?? ''
    for (const each of [id, playbackId]) await plays(one, each)
    const other = ffmpegPublisher(`rtmp://127.0.0.1:${one.ports.rtmp}/live/${secret}`, SMALL)
    expect(await other.ended, 'a second publisher').not.toBe(0)

    await first.kill()
    await eventually(
      () => streamBy(one),
      found => expect(found?.state).toBe('waiting'),
      WITHIN,
    )
    const second = ffmpegPublisher(`rtmp://127.0.0.1:${one.ports.rtmp}/live/${secret}`, SMALL)
    await isLiveBy(one)
    await untilSegments(plane, before.length + 2)
    expect(await eventually(() => isLiveBy(two), undefined, WITHIN)).toMatchObject({ stream_id: id, state: 'live' })
    await plays(two, id)
    await second.stop()
    expect((await two.call('DELETE', path)).status).toBe(204)
    const events = await eventually(
      async () => await plane.heard(),
      all => expect(namesIn(all)).toContain('Recording End'),
      WITHIN,
    )
    const segments = segmentsIn(events)
    segmentsWhole(segments)
    await storedAsTold(plane, segments)
    expect(new Set(events.map(event => event.detail.stream_id)).size).toBe(1)
    expect(namesIn(events).filter(name => name === 'Session Ended')).toHaveLength(1)
    for (const task of [one, two]) {
      const over = await fetch(`http://127.0.0.1:${task.ports.media}/live/${id}/master.m3u8`, { redirect: 'manual' })
      expect([over.status, over.headers.get('location')]).toEqual([302, `../../play/${id}/master.m3u8`])
    }
  })

  test('a task that dies leaves its show, its media and its untold reports to the other', async () => {
    await using plane = await cloudPlane()
    const [one, two] = [await plane.task('one'), await plane.task('two')]
    const { ref, secret } = await newChannel(one)
    const publish = (task: CloudTask) =>
      ffmpegPublisher(`rtmp://127.0.0.1:${task.ports.rtmp}/live/${secret}`, { ...SMALL, seconds: 8 })
    const first = publish(two)
    const before = await untilSegments(plane, 1)
    plane.eventBridge.throttle(ALL)
    await eventually(
      async () => await spooled(plane),
      keys => expect(keys.length).toBeGreaterThan(0),
      WITHIN,
    )
    two.kill()
    await first.ended
    plane.eventBridge.throttle(0)
    // Refused until the dead task's lease has run out.
    await eventually(
      async () => await publish(one).ended,
      code => expect(code).toBe(0),
      WITHIN,
    )
    await one.call('DELETE', `/plane/channels/${ref}/stream`)
    await eventually(
      async () => await plane.heard(),
      all => expect(namesIn(all)).toContain('Recording End'),
      ADOPTED_WITHIN,
    )
    await eventually(
      async () => expect(await spooled(plane)).toEqual([]),
      () => true,
      ADOPTED_WITHIN,
    )
    const events = await plane.heard()
    const segments = segmentsIn(events)
    segmentsWhole(segments)
    expect(segments.length).toBeGreaterThan(before.length + 2)
    await storedAsTold(plane, segments)
    expect(new Set(events.map(event => event.detail.stream_id)).size).toBe(1)
    expect(namesIn(events).filter(name => name === 'Session Ended')).toHaveLength(1)
  })

  test('only the account of the service that drives channels is listened to', async () => {
    await using plane = await cloudPlane()
    const task = await plane.task('one')
    const asked = async (account?: string) => (await task.call('GET', '/plane/streams', undefined, account)).status
    expect(await asked()).toBe(200)
    expect(await asked('test-clips@showreel-emulated.iam.gserviceaccount.com')).toBe(401)
    expect(await asked('test-channels@another.iam.gserviceaccount.com')).toBe(401)
  })
})
