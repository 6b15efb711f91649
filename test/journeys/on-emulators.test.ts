import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emulatorsMissing } from '#local/on-emulators.ts'
import { clipClient } from '../helpers/clip-client.ts'
import { type CreatorClient, creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'

const missing = emulatorsMissing()
/** The Spanner emulator runs one transaction at a time, and change streams are asked every 100 ms. */
const WITHIN = { withinMs: 90_000 }

describe.skipIf(missing !== undefined)(`on emulators${missing === undefined ? '' : `: ${missing}`}`, () => {
  let platform: Platform
  let alice: CreatorClient
  beforeAll(async () => {
    platform = await startPlatform({ args: ['--on', 'emulators'] })
    alice = await creatorClient(platform)
  }, 240_000)
  afterAll(async () => {
    await platform?.[Symbol.asyncDispose]()
  }, 60_000)

  test('a show goes live, is watched and clipped, and is archived whole', { timeout: 400_000 }, async () => {
    const channel = await alice.createChannel({ reconnect_window_s: 1, renditions_max: 1 })
    const publisher = ffmpegPublisher(publishUrl(platform, channel), { width: 320, height: 180 })
    const stream = await eventually(
      async () => (await alice.liveStream(channel.id)) ?? expect.fail('not live yet'),
      () => undefined,
      WITHIN,
    )
    await eventually(
      async () => await alice.ledger(stream.id),
      ({ indexed }) => expect(indexed).toBeGreaterThanOrEqual(2),
      WITHIN,
    )
    const master = await fetch(stream.playback.hls_url)
    expect(master.status).toBe(200)
    const variant = (await master.text()).split('\n').find(line => line !== '' && !line.startsWith('#')) ?? ''
    const playlist = await fetch(new URL(variant, master.url))
    expect(await playlist.text()).toContain('#EXT-X-PART:')

    const vera = await clipClient(platform)
    const clip = await vera.clip({ stream_id: stream.id, title: 'That was it', last_s: 2 })
    expect(['playable', 'rendering', 'ready', 'published']).toContain(clip.state)

    // Its jobs are named by events of Pub/Sub, woken by Cloud Tasks and done in the worker.
    await publisher.stop()
    await alice.complete(stream.id)
    await eventually(
      async () => await alice.stream(stream.id),
      ({ state }) => expect(state).toBe('archived'),
      WITHIN,
    )
    expect(await alice.ledger(stream.id)).toMatchObject({ off: 0 })
    await eventually(
      async () => await vera.get(clip.id),
      ({ state }) => expect(['ready', 'published']).toContain(state),
      WITHIN,
    )
  })
})
