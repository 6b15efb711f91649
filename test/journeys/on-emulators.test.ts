import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emulatorsMissing } from '#local/on-emulators.ts'
import { clipJourney } from '../browser/clip-journey.ts'
import { watchJourney } from '../browser/watch-journey.ts'
import { clipClient } from '../helpers/clip-client.ts'
import { type CreatorClient, creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'

const missing = emulatorsMissing()
/** The Spanner emulator runs one transaction at a time, and change streams are asked every 100 ms. */
const WITHIN = { withinMs: 90_000 }
const START_MS_MAX = 240_000
const END_MS_MAX = 60_000
const TEST_MS_MAX = 600_000

describe.skipIf(missing !== undefined)(`on emulators${missing === undefined ? '' : `: ${missing}`}`, () => {
  describe('a creator', () => {
    let platform: Platform
    let alice: CreatorClient
    beforeAll(async () => {
      platform = await startPlatform({ on: 'emulators' })
      alice = await creatorClient(platform)
    }, START_MS_MAX)
    afterAll(async () => {
      await platform?.[Symbol.asyncDispose]()
    }, END_MS_MAX)

    test('goes live, is watched and clipped, and finds the show archived whole', { timeout: TEST_MS_MAX }, async () => {
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

      // Its jobs are named by events of Pub/Sub, woken by Cloud Tasks and done in the worker over URLs that S3 signed.
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
      // Of all this nothing was a file of the platform's.
      expect(existsSync(join(platform.dataDir, 'secrets'))).toBe(true)
      expect(existsSync(join(platform.dataDir, 'objects'))).toBe(false)
    })
  })

  describe('a stranger', () => {
    let platform: Platform
    beforeAll(async () => {
      platform = await startPlatform({ on: 'emulators', env: { DEMO: 'on' } })
    }, START_MS_MAX)
    afterAll(async () => {
      await platform?.[Symbol.asyncDispose]()
    }, END_MS_MAX)

    test('watches the demo show, sees its delay, goes back and returns to live', { timeout: TEST_MS_MAX }, async () => {
      await watchJourney(platform)
    })

    test(
      'clips what they just saw: it plays, is rendered, and is in everyone’s feed',
      { timeout: TEST_MS_MAX },
      async () => {
        await clipJourney(platform)
      },
    )
  })
})
