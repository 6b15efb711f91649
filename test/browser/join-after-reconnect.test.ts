import { expect, test } from 'vitest'
import { creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { startPlatform } from '../helpers/platform.ts'
import { openChromium } from './chromium.ts'
import { openScreen, videoState } from './open-screen.ts'

const WITHIN = { withinMs: 60_000 }

test('a viewer who joins just after the creator came back sees the picture go on', async () => {
  await using platform = await startPlatform()
  const creator = await creatorClient(platform)
  const channel = await creator.createChannel({ title: 'Back again' })
  const first = ffmpegPublisher(publishUrl(platform, channel))
  const show = await eventually(
    () => creator.liveStream(channel.id),
    live => expect(live).toBeDefined(),
    WITHIN,
  )
  if (show === undefined) throw new Error('The show is not live.')
  const context = await openChromium('desk')
  await first.kill()
  const second = ffmpegPublisher(publishUrl(platform, channel))
  try {
    const text = async (url: string) => (await fetch(url)).text()
    const variant = (await text(show.playback.hls_url)).split('\n').find(line => line.endsWith('.m3u8')) ?? ''
    await eventually(
      () => text(new URL(variant, show.playback.hls_url).href),
      playlist => expect(playlist).toContain('#EXT-X-DISCONTINUITY\n'),
      WITHIN,
    )
    const { page } = await openScreen(context)
    await page.goto(`${platform.apiUrl}/w/${show.id}`)
    await page.locator('.player video').waitFor()
    const { currentTime } = await eventually(
      () => videoState(page),
      ({ readyState, paused }) => expect(readyState > 2 && !paused).toBe(true),
      WITHIN,
    )
    await eventually(
      () => videoState(page),
      state => expect(state.currentTime).toBeGreaterThan(currentTime + 2),
      WITHIN,
    )
  } finally {
    await second.stop()
    await context.close()
  }
})
