import { expect } from 'vitest'
import { creatorClient, type StreamFacts } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import type { Platform } from '../helpers/platform.ts'
import { openChromium } from './chromium.ts'
import { axeFindings, openScreen, videoState } from './open-screen.ts'

/** Longest wait for a show or a picture, in ms: two cores run the platform, the show and the browser. */
const WITHIN = { withinMs: 300_000 }

/** The demo show of the platform, once it is on the air. */
export async function demoOnAir(platform: Platform): Promise<StreamFacts> {
  const anyone = await creatorClient(platform, 'a-viewer')
  const onAir = async () => {
    const { body } = await anyone.send('GET', '/v1/streams?state=live')
    return (body as { data: StreamFacts[] }).data[0]
  }
  const show = await eventually(onAir, found => expect(found?.state).toBe('live'), WITHIN)
  if (show === undefined) throw new Error('The demo show is not on the air.')
  return show
}

/** A stranger finds the show on the front page, watches it, sees its delay, goes back and returns to live. */
export async function watchJourney(platform: Platform, show: StreamFacts): Promise<void> {
  const context = await openChromium('desk')
  try {
    const { page, wrongs } = await openScreen(context)
    await page.goto(platform.apiUrl)
    await page.getByText(show.title).first().click()
    // The front page plays a preview: only on the watch page is the first video the show.
    await page.waitForURL('**/w/**')
    await page.locator('.player video').waitFor()
    await eventually(
      () => videoState(page),
      ({ paused, videoHeight }) => expect(!paused && videoHeight > 0).toBe(true),
      WITHIN,
    )
    const { currentTime } = await videoState(page)
    await eventually(
      () => videoState(page),
      state => expect(state.currentTime).toBeGreaterThan(currentTime + 1),
      WITHIN,
    )
    const delay = page.locator('.behind-amount')
    await eventually(
      () => delay.textContent(),
      text => expect(text).toMatch(/\d/u),
      WITHIN,
    )
    expect(await axeFindings(page)).toEqual([])

    await page.keyboard.press('ArrowLeft')
    await eventually(
      () => page.locator('.behind').getAttribute('data-live'),
      live => expect(live).toBe('false'),
      WITHIN,
    )
    await page.keyboard.press('l')
    await eventually(
      () => page.locator('.behind').getAttribute('data-live'),
      live => expect(live).toBe('true'),
      WITHIN,
    )
    // A request the player repeats by itself is no fault of the page; a script error or a broken policy is.
    expect(wrongs.filter(wrong => !wrong.startsWith('Failed to load resource'))).toEqual([])
  } finally {
    await context.close()
  }
}
