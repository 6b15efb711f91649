import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BrowserContext } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, holds, layoutShift, openScreen } from './open-screen.ts'
import { stagedStream, stagePlatform } from './staged-platform.ts'
import type { StagedPlatform } from './staged-platform.ts'

const SHIFT_MAX = 0.02

let platform: StagedPlatform
beforeAll(async () => {
  platform = await stagePlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const shows = () => [
  stagedStream(platform.url, { id: 'strm_1' }),
  stagedStream(platform.url, { id: 'strm_2', channel_id: 'chan_2', title: 'Street food, one pan' }),
  stagedStream(platform.url, { id: 'strm_9', title: 'Launch day', agoS: 90_000, lengthS: 624 }),
]

describe.each(['phone', 'desk'] as const)('the front page on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await openChromium(size)
  })
  afterAll(() => context.close())
  beforeEach(() => platform.restage({ streams: [], problem: undefined }))

  test('with nobody live it tells how to go live, and axe finds nothing', async () => {
    const { page, wrongs } = await openScreen(context)
    await page.goto(`${platform.url}/live`)
    await page.getByRole('link', { name: 'Open the studio' }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    expect(wrongs).toEqual([])
  })

  test('a live show fills it, playing without sound, with one decoder and nothing jumping', async () => {
    platform.restage({ streams: shows() })
    const { page, wrongs } = await openScreen(context)
    await page.goto(`${platform.url}/live`)
    await page.locator('.hero video[data-moving="true"]').waitFor()
    const videos: { muted: boolean; loaded: boolean }[] = await page.evaluate(
      `[...document.querySelectorAll('video')].map(({ muted, readyState }) => ({ muted, loaded: readyState > 0 }))`,
    )
    expect(videos.every(({ muted }) => muted)).toBe(true)
    expect(videos.filter(({ loaded }) => loaded)).toHaveLength(1)
    await page.getByRole('heading', { name: 'Watch again' }).waitFor()
    await page.getByText('10:24').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    expect(await layoutShift(page)).toBeLessThan(SHIFT_MAX)
    expect(wrongs).toEqual([])
  })

  test('a show that goes live appears by itself, and leads to its page by keyboard alone', async () => {
    const { page } = await openScreen(context)
    await page.goto(`${platform.url}/live`)
    await page.getByRole('link', { name: 'Open the studio' }).waitFor()
    platform.restage({ streams: shows() })
    const link = page.getByRole('link', { name: 'Late Night Lantern: the forest at dawn' }).first()
    await link.waitFor()
    await holds(async () => {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(`document.activeElement?.getAttribute('href')`)).toBe('/w/strm_1')
    })
    await page.keyboard.press('Enter')
    await page.waitForURL('**/w/strm_1')
    await page.locator('.player[data-seen="true"]').waitFor()
  })

  test('when the API is away it says so and what happens next, and recovers', async () => {
    platform.restage({ streams: shows(), problem: { status: 503, code: 'service.unavailable' } })
    const { page } = await openScreen(context)
    await page.goto(`${platform.url}/live`)
    await page.getByText('A part of Showreel is restarting.').waitFor()
    expect(await axeFindings(page)).toEqual([])
    platform.restage({ problem: undefined })
    await page.locator('.hero-title').waitFor()
  })
})

test('a viewer who wants no motion gets no picture that moves by itself', async () => {
  platform.restage({ streams: shows(), problem: undefined })
  const context = await openChromium('desk', { motion: 'reduce' })
  const { page } = await openScreen(context)
  const media: string[] = []
  page.on('request', request => {
    if (request.url().includes('.m3u8')) media.push(request.url())
  })
  await page.goto(`${platform.url}/live`)
  await page.getByRole('heading', { name: 'Watch again' }).waitFor()
  await page.waitForLoadState('networkidle')
  expect(media).toEqual([])
  await context.close()
})

test('every language can be chosen, is remembered, and its page names itself', async () => {
  platform.restage({ streams: [] })
  const context = await openChromium('desk')
  const { page, wrongs } = await openScreen(context)
  await page.goto(`${platform.url}/live`)
  const heads: string[] = []
  for (const language of ['id', 'vi', 'th', 'zh-Hans', 'en']) {
    await page.locator('.language-picker select').selectOption(language)
    await holds(async () => expect(await page.locator('html').getAttribute('lang')).toBe(language))
    await page.reload()
    await page.locator('#empty-title').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    heads.push(await page.locator('#empty-title').innerText())
  }
  expect(new Set(heads).size).toBe(5)
  expect(wrongs).toEqual([])
  await context.close()
})
