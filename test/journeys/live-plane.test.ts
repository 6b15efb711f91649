import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { type LiveProcess, startLive } from '../helpers/live-process.ts'
import { type ProviderEar, providerEar } from '../helpers/provider-ear.ts'
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

async function untilState(ref: string, state: 'live' | 'waiting') {
  const found = await eventually(
    () => live.stream(ref),
    stream => expect(stream?.state).toBe(state),
    WITHIN,
  )
  if (found === undefined) throw new Error('No stream.')
  return found
}

async function playlist(path: string): Promise<string> {
  const response = await live.media(path)
  expect(response.status).toBe(200)
  return response.text()
}

test('a 720p show is playable in three renditions, and every fact of it is told once', async () => {
  const { ref, playbackId, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const publisher = ffmpegPublisher(rtmpUrl, { width: 1280, height: 720 })
  const stream = await untilState(ref, 'live')
  expect(stream.renditions).toEqual(['720p', '480p', '360p'])
  expect(stream.media).toMatchObject({ video: { width: 1280, height: 720, fps: 30 }, audio: { codec: 'aac' } })
  for (const id of [playbackId, stream.stream_id]) {
    const master = await playlist(`/live/${id}/master.m3u8`)
    const variants = master.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    expect(variants).toHaveLength(3)
    expect(await playlist(`/live/${id}/${variants[0]}`)).toContain('#EXT-X-PART:')
    expect(await playlist(`/live/${id}/manifest.mpd`)).toContain('<MPD')
  }
  await untilSegments(ref, 2)
  // How well it goes depends on the machine; what is measured does not.
  const { health } = (await live.stream(ref)) ?? expect.fail('No stream.')
  expect(health).toMatchObject({ renditions: ['720p', '480p', '360p'], gop_s: 2 })
  expect(health?.bitrate_kbps).toBeGreaterThan(100)
  await publisher.stop()
  await eventually(
    () => ear.names(ref),
    names => expect(names.at(-1)).toBe('Recording End'),
    WITHIN,
  )
  const names = ear.names(ref)
  expect(names.filter(name => !name.startsWith('Segment'))).toEqual([
    'Stream Start',
    'Recording Start',
    'Stream End',
    'Session Ended',
    'Recording End',
  ])
  segmentsWhole(ear.segments(ref))
  await storedWhole(live, ear, ref, stream.stream_id)
  expect(await live.stream(ref)).toBeUndefined()
})

test('a wrong key and a second publisher are refused, and the first one goes on', async () => {
  const { ref, rtmpUrl } = await live.channel()
  const wrong = ffmpegPublisher(`${rtmpUrl.slice(0, -3)}aaa`, { ...SMALL, seconds: 5 })
  expect(await wrong.ended).not.toBe(0)
  const first = ffmpegPublisher(rtmpUrl, SMALL)
  const { epoch } = await untilState(ref, 'live')
  const second = ffmpegPublisher(rtmpUrl, { ...SMALL, seconds: 5 })
  expect(await second.ended).not.toBe(0)
  const before = ear.segments(ref).length
  await untilSegments(ref, before + 1)
  expect((await live.stream(ref))?.epoch).toBe(epoch)
  expect(first.process.exitCode).toBeNull()
  await first.stop()
})

test('a publisher that returns within the window goes on with the same show after a discontinuity', async () => {
  const { ref, playbackId, rtmpUrl } = await live.channel({ reconnect_window_s: 20 })
  const first = ffmpegPublisher(rtmpUrl, SMALL)
  const stream = await untilState(ref, 'live')
  await untilSegments(ref, 1)
  await first.kill()
  await eventually(
    () => untilState(ref, 'waiting'),
    ({ health }) => expect(health?.level).toBe('offline'),
  )
  const second = ffmpegPublisher(rtmpUrl, SMALL)
  const again = await untilState(ref, 'live')
  expect(again.stream_id).toBe(stream.stream_id)
  expect(again.epoch).toBeGreaterThan(stream.epoch)
  const before = ear.segments(ref).length
  await untilSegments(ref, before + 2)
  const master = await playlist(`/live/${playbackId}/master.m3u8`)
  const variant = master.split('\n').find(line => line !== '' && !line.startsWith('#'))
  expect(await playlist(`/live/${playbackId}/${variant}`)).toContain('#EXT-X-DISCONTINUITY\n')
  segmentsWhole(ear.segments(ref))
  await second.stop()
  await live.call('DELETE', `/plane/channels/${ref}/stream`)
  await eventually(
    () => ear.names(ref),
    names => expect(names.at(-1)).toBe('Recording End'),
    WITHIN,
  )
  await storedWhole(live, ear, ref, stream.stream_id)
})

test('when nobody returns within the window the show ends, once', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 2 })
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilSegments(ref, 1)
  await publisher.kill()
  await eventually(
    () => ear.names(ref),
    names => expect(names.at(-1)).toBe('Recording End'),
    WITHIN,
  )
  expect(ear.names(ref).filter(name => name === 'Session Ended')).toHaveLength(1)
  expect(await live.stream(ref)).toBeUndefined()
})

test('a publisher without sound is shown without sound, and its health says so', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const publisher = ffmpegPublisher(rtmpUrl, { ...SMALL, audio: false })
  await untilSegments(ref, 1)
  const health = await eventually(
    async () => (await live.stream(ref))?.health,
    sample => expect(sample?.level).toBe('fair'),
  )
  expect(health?.sentence).toContain('no sound')
  await publisher.stop()
})

test('a publisher without picture is let go with a reason, and no show begins', async () => {
  const { ref, rtmpUrl } = await live.channel()
  const publisher = ffmpegPublisher(rtmpUrl, { video: false })
  expect(await publisher.ended).not.toBe(0)
  expect(ear.names(ref)).toEqual([])
  expect(await live.stream(ref)).toBeUndefined()
})

test('10 s key frames are named in the health of the show', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const publisher = ffmpegPublisher(rtmpUrl, { ...SMALL, gopS: 10 })
  await eventually(
    async () => (await live.stream(ref))?.health?.sentence,
    sentence => expect(sentence).toContain('10 s key frames; set 2 s'),
    WITHIN,
  )
  await publisher.stop()
})

test('a key whose grace is over ends its session within 5 s', async () => {
  const { ref, keyRef, rtmpUrl } = await live.channel()
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilState(ref, 'live')
  const expiresAt = new Date(Date.now() + 1_000).toISOString()
  await live.call('DELETE', `/plane/channels/${ref}/keys/${keyRef}?expires_at=${expiresAt}`)
  await eventually(
    () => publisher.process.exitCode,
    code => expect(code).not.toBeNull(),
    { withinMs: 6_000 },
  )
  const again = ffmpegPublisher(rtmpUrl, { ...SMALL, seconds: 5 })
  expect(await again.ended).not.toBe(0)
})

test('timed metadata is placed on air, five times a second at most', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const path = `/plane/channels/${ref}/metadata`
  expect((await live.call('POST', path, { payload: '{}' })).status).toBe(409)
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilState(ref, 'live')
  const statuses = await Promise.all(
    Array.from({ length: 8 }, async () => (await live.call('POST', path, { payload: '{"goal":1}' })).status),
  )
  expect(statuses.filter(status => status === 200)).toHaveLength(5)
  expect(statuses.filter(status => status === 429)).toHaveLength(3)
  await publisher.stop()
})

test('the control API answers signed calls only, and refuses what it does not understand', async () => {
  const at = `http://127.0.0.1:${live.ports.PLANE_PORT}/plane/channels`
  const settings = {
    name: 'x',
    latency_mode: 'low',
    dvr_window_s: 0,
    reconnect_window_s: 0,
    record: true,
    enabled: true,
  }
  const unsigned = await fetch(at, { method: 'POST', body: JSON.stringify({ token: 'a-long-token', settings }) })
  expect(unsigned.status).toBe(401)
  const statuses = await Promise.all(
    [
      { token: 'a-long-token', settings: { ...settings, more: 1 } },
      { token: 'short', settings },
      { token: 'a-long-token', settings: { ...settings, dvr_window_s: -1 } },
    ].map(async body => (await live.call('POST', '/plane/channels', body)).status),
  )
  expect(statuses).toEqual([422, 422, 422])
  expect((await live.call('GET', '/plane/channels/pchn_none')).status).toBe(404)
  expect((await live.call('DELETE', '/plane/channels/pchn_none/stream')).status).toBe(204)
})

test('health, readiness and metrics tell what the plane does', async () => {
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  await ffmpegPublisher(`${rtmpUrl.slice(0, -3)}aaa`, { ...SMALL, seconds: 2 }).ended
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  await untilSegments(ref, 1)
  await publisher.stop()
  await eventually(() => expect(ear.names(ref).at(-1)).toBe('Recording End'))
  const at = (path: string) => fetch(`http://127.0.0.1:${live.ports.PLANE_PORT}${path}`)
  expect(await (await at('/healthz')).json()).toMatchObject({ status: 'ok', sandbox_level: expect.any(Number) })
  expect((await at('/readyz')).status).toBe(200)
  const metrics = await (await at('/metrics')).text()
  for (const name of ['ingest_bytes_total', 'segments_stored_total', 'publishers_refused_total', 'spool_events']) {
    expect(metrics).toMatch(new RegExp(`^showreel_live_${name}(\\{.*\\})? [0-9]`, 'm'))
  }
})

test('a port that is taken is refused in one sentence that says what to do', async () => {
  const { RTMP_PORT, MEDIA_PORT } = live.ports
  await expect(startLive({ eventsUrl: ear.url, env: { RTMP_PORT } })).rejects.toThrow(
    `Port ${RTMP_PORT} for RTMP is in use: end the program that holds it, or set RTMP_PORT to another.`,
  )
  await expect(startLive({ eventsUrl: ear.url, env: { MEDIA_PORT } })).rejects.toThrow(
    /^Port \d+ for media is in use: .*MEDIA_PORT/,
  )
  await expect(startLive({ eventsUrl: ear.url, env: { PART_MS: '5', RELAY_PORT: 'x' } })).rejects.toThrow(
    'PART_MS: "5" is below 100 ms',
  )
})
