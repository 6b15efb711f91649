import { expect } from 'vitest'
import { creatorClient, type StreamFacts } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import type { Platform } from '../helpers/platform.ts'
import { openChromium } from './chromium.ts'
import { axeFindings, openScreen } from './open-screen.ts'

/** Longest wait for a picture or a render, in ms: two cores run the platform, the show and the browser. */
const WITHIN = { withinMs: 300_000 }

const CLIP_TIME = `document.querySelector('.clip-card-wide video')?.currentTime ?? 0`

/** A stranger clips what they just saw of the show: it plays, becomes a vertical clip, and is in everyone's feed. */
export async function clipJourney(platform: Platform, show: StreamFacts): Promise<void> {
  const anyone = await creatorClient(platform, 'a-viewer')
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
        return { time: Number(await page.evaluate(CLIP_TIME)), said: await card.textContent() }
      },
      ({ time, said }) => expect(time, said ?? '').toBeGreaterThan(0),
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
}
