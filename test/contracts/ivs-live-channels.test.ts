import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { ivsLiveChannels } from '#shared/ports/live-channels/ivs-live-channels.ts'
import type { LiveChannelSettings } from '#shared/ports/live-channels/live-channels.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { IVS_ACCOUNT, IVS_REGION, IVS_UNCHECKED, type IvsFake, ivsFake } from '../helpers/emulators/ivs-fake.ts'
import { ivsRecorder } from '../helpers/emulators/ivs-recorder.ts'
import { unrulyProxy } from '../helpers/emulators/unruly-proxy.ts'
import { liveChannelsContract, type OpenPlane } from './live-channels.contract.ts'

const CREDENTIALS = { accessKeyId: 'fake', secretAccessKey: 'fake' }
const RENDITIONS = [
  { name: '720p30', width: 1280, height: 720 },
  { name: '360p30', width: 640, height: 360 },
]
const SETTINGS: LiveChannelSettings = {
  name: 'A show',
  latencyMode: 'low',
  dvrWindowS: 3_600,
  renditionsMax: 3,
  reconnectWindowS: 30,
  record: true,
  enabled: true,
}
const root = mkdtempSync(join(tmpdir(), 'showreel-ivs-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0

/** The adapter on the fake, and the bucket that IVS records to. */
async function openIvs(
  endpointOf = (fake: IvsFake) => fake.url,
  playbackKey?: string,
): Promise<OpenPlane & { fake: IvsFake }> {
  const fake = await ivsFake()
  const now = () => fake.clock.nowMs
  const signing = { key: new Uint8Array(32).fill(9), baseUrl: 'http://127.0.0.1:1/objects', now }
  const store = directoryObjectStore({ directory: join(root, String((made += 1))), signing })
  const live = ivsLiveChannels({
    region: IVS_REGION,
    accountId: IVS_ACCOUNT,
    credentials: CREDENTIALS,
    endpoint: endpointOf(fake),
    recordingConfigurationArn: `arn:aws:ivs:${IVS_REGION}:${IVS_ACCOUNT}:recording-configuration/AbCdEf`,
    recordings: store,
    ...(playbackKey === undefined ? {} : { playbackKey }),
    now,
  })
  return {
    live,
    fake,
    nowMs: now,
    admits: async secret => fake.admits(secret),
    advance: async ms => {
      fake.clock.nowMs += ms
    },
    publish: async (ref, keyRef, segments) => {
      const secret = await secretOf(fake, keyRef)
      const publisher = fake.goLive(secret, async () => await recording.end())
      const recording = await ivsRecorder({
        store,
        accountId: IVS_ACCOUNT,
        channelArn: ref,
        startedAt: publisher.startedAt,
        recordingId: `rec${(made += 1)}`,
        renditions: RENDITIONS,
      })
      for (let stored = 0; stored < segments; stored += 1) await recording.segment({}, 10)
      return { leave: async () => await publisher.leave(), dropped: () => publisher.over() }
    },
    [Symbol.asyncDispose]: async () => {
      live[Symbol.dispose]()
      await fake[Symbol.asyncDispose]()
    },
  }
}

async function secretOf(fake: IvsFake, arn: string): Promise<string> {
  const answer = await fetch(`${fake.url}/GetStreamKey`, { method: 'POST', body: JSON.stringify({ arn }) })
  return ((await answer.json()) as { streamKey: { value: string } }).streamKey.value
}

// ivs-live-channels.ts on a fake made from the SDK's own model
describe(`ivsLiveChannels (unchecked without an account: ${IVS_UNCHECKED.length} things, named in ivs-fake.ts)`, () => {
  liveChannelsContract(async () => await openIvs())

  test('two creates at once of one token end in one channel', async () => {
    await using plane = await openIvs()
    const [a, b] = await Promise.all([
      plane.live.createChannel('token-race', SETTINGS),
      plane.live.createChannel('token-race', SETTINGS),
    ])
    expect(a).toEqual(b)
    expect(await plane.live.createChannel('token-race', SETTINGS)).toEqual(a)
  })

  test('settings that did not change are not sent, and a change waits for the end of the show', async () => {
    await using plane = await openIvs()
    const { ref } = await plane.live.createChannel('token-settings', SETTINGS)
    const { keyRef } = await plane.live.createStreamKey(ref, 'key-token')
    await plane.publish(ref, keyRef, 1)
    await plane.live.updateChannel(ref, { ...SETTINGS, name: 'Another name' })
    expect(plane.fake.calls.filter(({ verb }) => verb === 'UpdateChannel')).toEqual([])
    const change = { ...SETTINGS, latencyMode: 'standard' as const }
    await expect(plane.live.updateChannel(ref, change)).rejects.toMatchObject({ code: 'service.unavailable' })
    await plane.live.stopStream(ref)
    await plane.live.updateChannel(ref, change)
    expect(plane.fake.calls.findLast(({ verb }) => verb === 'UpdateChannel')?.input).toMatchObject({
      latencyMode: 'NORMAL',
    })
  })

  test('cues over the rate come in one piece, in order, and IVS throttles none of them', async () => {
    await using plane = await openIvs()
    const { ref } = await plane.live.createChannel('token-gathered', SETTINGS)
    const { keyRef } = await plane.live.createStreamKey(ref, 'key-token')
    await plane.publish(ref, keyRef, 1)
    const put = async (n: number) => await plane.live.putMetadata(ref, `{"n":${n}}`)
    const placed = Array.from({ length: 40 }, async (_, n) => await put(n))
    await Promise.all(placed.slice(0, 5))
    await plane.advance(1_001)
    await Promise.all(placed)
    const alone = Array.from({ length: 5 }, (_, n) => `{"n":${n}}`)
    const together = JSON.stringify({ cues: Array.from({ length: 35 }, (_, n) => ({ n: n + 5 })) })
    expect(plane.fake.metadata.map(({ metadata }) => metadata)).toEqual([...alone, together])
    expect(plane.fake.calls.filter(({ verb }) => verb === 'PutMetadata')).toHaveLength(6)
  })

  test('a segment counts once every rendition has it, and of a recording that is over any', async () => {
    await using plane = await openIvs()
    const { ref } = await plane.live.createChannel('token-segments', SETTINGS)
    const { keyRef } = await plane.live.createStreamKey(ref, 'key-token')
    await plane.publish(ref, keyRef, 3)
    const stream = await plane.live.getStream(ref)
    expect(stream).toMatchObject({ media: { video: { width: 1280, height: 720, fps: 30 } }, epoch: 1 })
    const recording = await plane.live.getRecording(stream?.streamId ?? '')
    expect(recording).toMatchObject({ state: 'recording', segmentsProduced: 3, segmentsStored: 3, durationMs: 30_000 })
    const segments = await plane.live.listSegments(stream?.streamId ?? '', 1)
    expect(segments.map(({ seq, pdt }) => [seq, Date.parse(pdt) - plane.nowMs()])).toEqual([
      [1, 10_000],
      [2, 20_000],
    ])
    expect(segments[0]?.renditions).toEqual([
      { name: '720p30', uri: `${recording?.prefix}media/hls/720p30/1.ts`, bytes: 11, etag: expect.any(String) },
      { name: '360p30', uri: `${recording?.prefix}media/hls/360p30/1.ts`, bytes: 11, etag: expect.any(String) },
    ])
  })

  test('with a playback key channels are private, and a watch URL is signed for an hour and given out again for half', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true })
    await using plane = await openIvs(undefined, await exportPKCS8(privateKey))
    const { ref, playbackUrl = '' } = await plane.live.createChannel('token-private', SETTINGS)
    expect(plane.fake.calls.find(({ verb }) => verb === 'CreateChannel')?.input).toMatchObject({ authorized: true })
    const watch = await plane.live.watchUrl(ref, playbackUrl)
    expect(watch.startsWith(`${playbackUrl}?token=`)).toBe(true)
    const read = await jwtVerify(new URL(watch).searchParams.get('token') ?? '', publicKey, {
      algorithms: ['ES384'],
      currentDate: new Date(plane.nowMs()),
    })
    expect(read.payload).toMatchObject({ 'aws:channel-arn': ref, exp: Math.floor(plane.nowMs() / 1_000) + 3_600 })
    await plane.advance(29 * 60_000)
    expect(await plane.live.watchUrl(ref, playbackUrl)).toBe(watch)
    await plane.advance(2 * 60_000)
    expect(await plane.live.watchUrl(ref, playbackUrl)).not.toBe(watch)
    await using open = await openIvs()
    const { ref: openRef, playbackUrl: openUrl = '' } = await open.live.createChannel('token-open', SETTINGS)
    expect(await open.live.watchUrl(openRef, openUrl)).toBe(openUrl)
  })

  test('throttled calls are made again, and what stays throttled ends in a clear state', async () => {
    await using plane = await openIvs()
    await using proxy = await unrulyProxy(plane.fake.url)
    await using slow = await openIvs(() => proxy.url)
    proxy.throttle(2)
    expect(await slow.live.listStreams()).toEqual([])
    proxy.throttle(1_000)
    const askedAt = performance.now()
    await expect(slow.live.listStreams()).rejects.toMatchObject({ code: 'service.unavailable' })
    expect(performance.now() - askedAt).toBeLessThan(12_000)
  })
})
