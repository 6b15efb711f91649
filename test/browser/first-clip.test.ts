import { expect, test } from 'vitest'
import { creatorClient, type StreamFacts } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { startPlatform } from '../helpers/platform.ts'
import { openChromium } from './chromium.ts'
import { axeFindings, openScreen } from './open-screen.ts'

/** Longest wait for a show, a picture or a render, in ms: two cores run the platform, the show and the browser. */
const WITHIN = { withinMs: 300_000 }
const TEST_MS_MAX = 600_000

const CLIP_TIME = `document.querySelector('.clip-card-wide video')?.currentTime ?? 0`

test(
  'a stranger clips what they just saw: it plays, becomes a vertical clip, and is in the feed for everyone',
  async () => {
    await using platform = await startPlatform({ env: { DEMO: 'on' } })
    const anyone = await creatorClient(platform, 'a-viewer')
    const onAir = async () => {
      const { body } = await anyone.send('GET', '/v1/streams?state=live')
      return (body as { data: StreamFacts[] }).data[0]
    }
    const show = await eventually(onAir, found => expect(found?.state).toBe('live'), WITHIN)
    if (show === undefined) throw new Error('The demo show is not on the air.')
    const context = await openChromium('desk')
    try {
      const { page, wrongs } = await openScreen(context)
      await page.goto(`${platform.apiUrl}/w/${show.id}`)
      await page.locator('.player[data-seen="true"]').waitFor({ timeout: WITHIN.withinMs })
      await page.locator('.show-head .clip-that-press').click()
      const card = page.getByRole('complementary', { name: 'Your clip' })
      await eventually(
        async () => {
          const again = card.getByRole('button', { name: 'Try again' })
          if (await again.isVisible()) await again.click()
          return await page.evaluate(CLIP_TIME)
        },
        time => expect(time).toBeGreaterThan(0),
        WITHIN,
      )
      await card.getByLabel('As the feed shows it').waitFor({ timeout: WITHIN.withinMs })
      await card.getByText('Published').waitFor({ timeout: WITHIN.withinMs })
      expect(await axeFindings(page)).toEqual([])

      const link = await card.getByRole('link', { name: 'Open the clip' }).getAttribute('href')
      const id = link?.split('/').at(-1)
      await eventually(
        async () => (await anyone.send('GET', '/v1/feed?limit=50')).body as { data: { id: string }[] },
        feed => expect(feed.data.map(item => item.id)).toContain(id),
        WITHIN,
      )
      await card.getByRole('link', { name: 'Open the clip' }).click()
      await page.waitForURL(`**/c/${id}`)
      expect(wrongs.filter(wrong => !wrong.startsWith('Failed to load resource'))).toEqual([])
    } finally {
      await context.close()
    }
  },
  TEST_MS_MAX,
)
