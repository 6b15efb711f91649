import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { CLIP_COLOURS } from './feed-media.ts'
import { feedPlatform, type FeedPlatform } from './feed-platform.ts'
import { axeFindings, expectFits, holds, layoutShift, openScreen } from './open-screen.ts'

const SHIFT_MAX = 0.02
const SWIPES = 20
/** Difference of a colour channel after encoding and the shade over the picture. */
const COLOUR_OFF_MAX = 60

let platform: FeedPlatform
beforeAll(async () => {
  platform = await feedPlatform()
}, 120_000)
afterAll(() => platform[Symbol.asyncDispose]())
beforeEach(() => platform.clear())

/** The item on screen, what its video is doing and the colour in its middle; and how many videos hold media at all. */
const ON_SCREEN = `(() => {
  const videos = [...document.querySelectorAll('video')]
  const video = document.querySelector('.feed-stage[data-moving="true"] video')
  if (video === null) return { loaded: videos.filter(({ readyState }) => readyState > 0).length }
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 })
  const context = canvas.getContext('2d')
  context.drawImage(video, 0, 0, 8, 8)
  const [red, green, blue] = context.getImageData(3, 5, 1, 1).data
  return {
    item: video.closest('.feed-item').dataset.item,
    time: video.currentTime,
    muted: video.muted,
    paused: video.paused,
    colour: [red, green, blue],
    videos: videos.length,
    loaded: videos.filter(({ readyState }) => readyState > 0).length,
  }
})()`

type OnScreen = {
  item?: string
  time: number
  muted: boolean
  paused: boolean
  colour: number[]
  videos: number
  loaded: number
}
const onScreen = (page: Page): Promise<OnScreen> => page.evaluate(ON_SCREEN)

/** Follows the decoders of a page as Chromium's own media panel does. */
async function watchDecoders(
  page: Page,
): Promise<{ alive(): number; most(): number; made(): number; cdp: CDPSession }> {
  const cdp = await page.context().newCDPSession(page)
  const alive = new Set<string>()
  let most = 0
  let made = 0
  cdp.on('Media.playerCreated', ({ player }: { player: { playerId: string } }) => {
    alive.add(player.playerId)
    made += 1
    most = Math.max(most, alive.size)
  })
  cdp.on('Media.playerEventsAdded', ({ playerId, events }: { playerId: string; events: { value: string }[] }) => {
    if (events.some(({ value }) => value.includes('kWebMediaPlayerDestroyed'))) alive.delete(playerId)
  })
  await cdp.send('Media.enable')
  return { alive: () => alive.size, most: () => most, made: () => made, cdp }
}

function expectColour(found: readonly number[], index: number): void {
  const hex = CLIP_COLOURS[index % CLIP_COLOURS.length] ?? ''
  const wanted = [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16))
  for (const [channel, value] of wanted.entries()) {
    expect(Math.abs((found[channel] ?? 0) - value)).toBeLessThan(COLOUR_OFF_MAX)
  }
}

async function shows(page: Page, item: string): Promise<OnScreen> {
  let last: OnScreen | undefined
  await holds(async () => {
    last = await onScreen(page)
    expect(last.item).toBe(item)
    expect(last.time).toBeGreaterThan(0)
  })
  if (last === undefined) throw new Error('Nothing was seen.')
  return last
}

describe.each(['phone', 'desk'] as const)('the feed on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await openChromium(size)
  })
  afterAll(() => context.close())

  test('begins with the show on the air, playing without sound, and axe finds nothing', async () => {
    await platform.publish(4)
    await platform.goLive('The forest at dawn')
    const { page, wrongs } = await openScreen(context)
    await page.goto(platform.url)
    const first = await shows(page, 'strm_live')
    expect([first.muted, first.paused, first.videos]).toEqual([true, false, 1])
    await page.locator('.feed-item[data-kind="stream"] .live-pill').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    expect(await layoutShift(page)).toBeLessThan(SHIFT_MAX)
    await page.keyboard.press('ArrowDown')
    expectColour((await shows(page, 'clip_0')).colour, 0)
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('link', { name: 'The lantern falls' }).first().click()
    await page.waitForURL('**/c/clip_0')
    expect(wrongs).toEqual([])
  })

  test('sound comes with one press and stays with the next item; space pauses', async () => {
    await platform.publish(4)
    const { page } = await openScreen(context)
    await page.goto(platform.url)
    await shows(page, 'clip_0')
    await page.getByRole('button', { name: 'Sound on' }).click()
    await page.keyboard.press('ArrowDown')
    expect((await shows(page, 'clip_1')).muted).toBe(false)
    await page.locator('.feed-item[data-item="clip_1"] .feed-tap').click({ position: { x: 120, y: 200 } })
    await holds(async () => expect((await onScreen(page)).paused).toBe(true))
    await page.keyboard.press('m')
    await holds(async () => expect((await onScreen(page)).muted).toBe(true))
    if (size === 'desk') await page.mouse.wheel(0, 500)
    else await page.keyboard.press('ArrowUp')
    await shows(page, size === 'desk' ? 'clip_2' : 'clip_0')
  })
})

/** One swipe of a thumb up the screen: where it touches, in px. */
const THUMB = { x: 160, from: 700, to: 220, step: 60 } as const

/** Whether the feed stands still on an item: a thumb that comes earlier only stops it between two. */
const RESTS = `(() => {
  const { scrollTop, clientHeight } = document.querySelector('.feed-scroller')
  return Math.abs(scrollTop - Math.round(scrollTop / clientHeight) * clientHeight) < 1
})()`

async function swipe(page: Page, cdp: CDPSession): Promise<void> {
  await holds(async () => expect(await page.evaluate(RESTS)).toBe(true))
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: THUMB.x, y }] })
  await touch('touchStart', THUMB.from)
  for (let y = THUMB.from - THUMB.step; y >= THUMB.to; y -= THUMB.step) {
    await touch('touchMove', y)
    await page.evaluate('new Promise(requestAnimationFrame)')
  }
  await touch('touchEnd')
}

test('twenty swipes through the feed keep one decoder and bring the right picture each time', async () => {
  await platform.publish(SWIPES + 4)
  const context = await openChromium('phone')
  const { page, wrongs } = await openScreen(context)
  const decoders = await watchDecoders(page)
  await page.goto(platform.url)
  await shows(page, 'clip_0')
  const waits: number[] = []
  for (let step = 1; step <= SWIPES; step += 1) {
    const from = performance.now()
    await swipe(page, decoders.cdp)
    const seen = await shows(page, `clip_${step}`)
    waits.push(Math.round(performance.now() - from))
    expectColour(seen.colour, step)
    expect([seen.videos, seen.loaded]).toEqual([1, 1])
    await holds(() => expect(decoders.alive()).toBe(1))
  }
  console.info(`ms from the begin of a swipe to the next picture: ${waits.toSorted((a, b) => a - b).join(' ')}`)
  expect(decoders.made()).toBeGreaterThanOrEqual(SWIPES)
  expect(wrongs).toEqual([])
  await context.close()
})

test('the next clip is fetched once, ahead, and starts without the network', async () => {
  await platform.publish(6)
  const context = await openChromium('phone')
  const { page } = await openScreen(context)
  const asked: string[] = []
  page.on('request', request => {
    const { pathname } = new URL(request.url())
    if (pathname.endsWith('vertical.mp4')) asked.push(pathname.split('/')[2] ?? '')
  })
  await page.goto(platform.url)
  await shows(page, 'clip_0')
  await holds(() => expect(asked).toContain('play_clip_1'))
  await page.waitForLoadState('networkidle')
  await page.keyboard.press('ArrowDown')
  await shows(page, 'clip_1')
  expect(asked.filter(id => id === 'play_clip_1')).toHaveLength(1)
  await context.close()
})

test('what is published while somebody watches comes next, and a first clip fills an empty feed by itself', async () => {
  const context = await openChromium('phone')
  const { page, wrongs } = await openScreen(context)
  await page.goto(platform.url)
  await page.getByRole('link', { name: 'Open the studio' }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await platform.publish(1)
  await shows(page, 'clip_0')
  expect(wrongs).toEqual([])
  await context.close()
})

test('a link is copied, counted, and leads whoever follows it to the clip', async () => {
  await platform.publish(3)
  const context = await openChromium('desk')
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const { page, wrongs } = await openScreen(context)
  await page.goto(platform.url)
  await shows(page, 'clip_0')
  await page.getByRole('button', { name: 'Share' }).first().click()
  await page.getByText('Link copied').waitFor()
  const link: string = await page.evaluate('navigator.clipboard.readText()')
  expect(link).toMatch(/\/s\/shar_[a-z2-7]{26}$/)
  await page.goto(link)
  await page.waitForURL('**/c/clip_0')
  await holds(async () => expect(await page.evaluate(`document.querySelector('video')?.readyState >= 2`)).toBe(true))
  expect(await axeFindings(page)).toEqual([])
  await expectFits(page)
  const { body } = await platform.feed.ask<{ visits: number }>(new URL(link).pathname.replace('/s/', '/v1/shares/'))
  expect(body.visits).toBe(1)
  expect(wrongs).toEqual([])
  await context.close()
})

test('a viewer who wants no motion sees pictures that wait for a press', async () => {
  await platform.publish(3)
  const context = await openChromium('phone', { motion: 'reduce' })
  const { page } = await openScreen(context)
  await page.goto(platform.url)
  await page.locator('.feed-play').first().waitFor()
  expect(await page.evaluate(`[...document.querySelectorAll('video')].every(({ paused }) => paused)`)).toBe(true)
  await page.keyboard.press(' ')
  await shows(page, 'clip_0')
  await context.close()
})

describe.each(['phone', 'desk'] as const)('search on a %s', size => {
  test('finds as one types, in any script, and keeps the words in the address', async () => {
    await platform.publish(8)
    await platform.goLive('Lantern workshop')
    const context = await openChromium(size)
    const { page, wrongs } = await openScreen(context)
    await page.goto(`${platform.url}/search`)
    await page.getByRole('heading', { name: 'Newest' }).waitFor()
    await page.getByRole('searchbox').pressSequentially('lanter')
    await page.getByRole('heading', { name: 'Results' }).waitFor()
    await holds(async () => expect(await page.locator('.item-title').first().textContent()).toBe('Lantern workshop'))
    await page.waitForURL('**/search?q=lanter')
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    await page.getByRole('searchbox').fill('น้ำซุป')
    await holds(async () => expect(await page.locator('.item-title').allTextContents()).toEqual(['น้ำซุปเดือดพอดี']))
    await page.getByRole('searchbox').fill('nothing like it')
    await page.getByText('Nothing found for “nothing like it”').waitFor()
    expect(wrongs).toEqual([])
    await context.close()
  })
})
