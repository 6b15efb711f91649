import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { emulatorsMissing } from '#local/on-emulators.ts'
import type { CanaryAnswer } from '#run-services/canary/canary-answer.ts'
import { CANARY_HOP_NAMES } from '#shared/domain/canary.ts'
import { clipJourney } from '../browser/clip-journey.ts'
import { watchJourney } from '../browser/watch-journey.ts'
import { clipClient } from '../helpers/clip-client.ts'
import { type CreatorClient, creatorClient, publishUrl, type StreamFacts } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { type FfmpegPublisher, ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { runSyntheticShow } from '../helpers/run-synthetic-show.ts'

const missing = emulatorsMissing()
/** The Spanner emulator runs one transaction at a time, and change streams are asked every 100 ms. */
const WITHIN = { withinMs: 90_000 }
const START_MS_MAX = 240_000
const END_MS_MAX = 60_000
vi.setConfig({ testTimeout: 600_000 })

// One show from its first frame to its archive; the tests go on from one another.
describe.skipIf(missing !== undefined)(`on emulators${missing === undefined ? '' : `: ${missing}`}`, () => {
  let platform: Platform
  let alice: CreatorClient
  let publisher: FfmpegPublisher
  let show: StreamFacts
  beforeAll(async () => {
    platform = await startPlatform({ on: 'emulators' })
    alice = await creatorClient(platform)
  }, START_MS_MAX)
  afterAll(async () => {
    await publisher?.kill()
    await platform?.[Symbol.asyncDispose]()
  }, END_MS_MAX)

  test('a show goes live, its segments are indexed, and its newest parts are played', async () => {
    const channel = await alice.createChannel({ title: 'On emulators', reconnect_window_s: 1, renditions_max: 1 })
    publisher = ffmpegPublisher(publishUrl(platform, channel), { width: 320, height: 180 })
    show = await eventually(
      async () => (await alice.liveStream(channel.id)) ?? expect.fail('not live yet'),
      () => undefined,
      WITHIN,
    )
    await eventually(
      async () => await alice.ledger(show.id),
      ({ indexed }) => expect(indexed).toBeGreaterThanOrEqual(2),
      WITHIN,
    )
    const master = await fetch(show.playback.hls_url)
    expect(master.status).toBe(200)
    const variant = (await master.text()).split('\n').find(line => line !== '' && !line.startsWith('#')) ?? ''
    const playlist = await fetch(new URL(variant, master.url))
    expect(await playlist.text()).toContain('#EXT-X-PART:')
    // Strangers are counted too, by their address: on one machine no load balancer stands before it.
    const feed = await fetch(`${platform.apiUrl}/v1/feed`)
    expect(feed.headers.get('ratelimit')).toMatch(/^limit=\d+, remaining=\d+, reset=\d+$/u)
  })

  test('a stranger watches it, sees its delay, goes back and returns to live', async () => {
    await watchJourney(platform, show)
  })

  test('a stranger clips what they just saw: it plays, is rendered, and is in everyone’s feed', async () => {
    await clipJourney(platform, show)
  })

  test('a synthetic show takes every hop of both clouds, and each is timed', async () => {
    const token = await platform.token('canary', ['creator', 'canary'])
    const { output } = await runSyntheticShow(platform, token, { CANARY_SHOW_S: '30' })
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${platform.apiUrl}/v1/canaries`, { headers })
    const [run] = ((await answer.json()) as { data: CanaryAnswer[] }).data
    expect(run?.failure, output).toBe(null)
    expect(run?.hops.filter(({ ms }) => ms !== null).map(({ name }) => name)).toEqual([...CANARY_HOP_NAMES])
    process.stdout.write(`${run?.hops.map(({ name, ms }) => `${name} ${ms} ms`).join(', ')}\n`)
  })

  // Its jobs are named by events of Pub/Sub, woken by Cloud Tasks and done in the worker over URLs that S3 signed.
  test('it is archived whole, with a clip of its last seconds, and none of it is a file of the platform’s', async () => {
    const vera = await clipClient(platform)
    const clip = await vera.clip({ stream_id: show.id, title: 'That was it', last_s: 2 })
    expect(['playable', 'rendering', 'ready', 'published']).toContain(clip.state)
    await publisher.stop()
    await alice.complete(show.id)
    await eventually(
      async () => await alice.stream(show.id),
      ({ state }) => expect(state).toBe('archived'),
      WITHIN,
    )
    expect(await alice.ledger(show.id)).toMatchObject({ off: 0 })
    await eventually(
      async () => await vera.get(clip.id),
      ({ state }) => expect(['ready', 'published']).toContain(state),
      WITHIN,
    )
    expect(existsSync(join(platform.dataDir, 'secrets'))).toBe(true)
    expect(existsSync(join(platform.dataDir, 'objects'))).toBe(false)
  })
})
