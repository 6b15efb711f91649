import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, holds, layoutShift, openScreen, videoState } from './open-screen.ts'
import { stagedChannel, stagedStream, stagePlatform } from './staged-platform.ts'
import type { StagedPlatform } from './staged-platform.ts'

const SHIFT_MAX = 0.02
/** Three segments of 2 s behind, the newest one still being made: what a player of such a playlist keeps. */
const BEHIND_S = { min: 2, max: 12 }

let platform: StagedPlatform
beforeAll(async () => {
  platform = await stagePlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

function goOnAir(): void {
  const marker = { stream_id: 'strm_1', kind: 'highlight', created_at: new Date().toISOString() }
  platform.restage({
    streams: [stagedStream(platform.url)],
    channels: [stagedChannel()],
    markers: [
      { ...marker, id: 'mark_1', at_ms: 60_000, note: 'The butterfly lands' },
      { ...marker, id: 'mark_2', at_ms: 200_000, note: null },
    ],
    stoppedMs: undefined,
    problem: undefined,
  })
}

async function watchLive(page: Page): Promise<void> {
  await page.goto(`${platform.url}/w/strm_1`)
  await page.locator('.player[data-seen="true"][data-live="true"]').waitFor()
}

/** Seconds behind live as the page shows them, whichever unit it chose. */
async function behindS(page: Page): Promise<number> {
  const text = await page.locator('.behind-amount').innerText()
  const [, minutes, seconds] = /(?:(\d+):)?([\d.]+)/.exec(text) ?? []
  return Number(minutes ?? 0) * 60 + Number(seconds)
}

describe.each(['phone', 'desk'] as const)('the watch page on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await openChromium(size)
  })
  afterAll(() => context.close())

  test('plays the live show, says how far behind it is, and axe finds nothing', async () => {
    goOnAir()
    const { page, wrongs } = await openScreen(context)
    await watchLive(page)
    await holds(async () => expect(await behindS(page)).toBeLessThan(BEHIND_S.max))
    const behind = await behindS(page)
    expect(behind).toBeGreaterThan(BEHIND_S.min)
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    expect(await layoutShift(page)).toBeLessThan(SHIFT_MAX)
    expect(wrongs).toEqual([])
  })

  test('a moment leads back through the recording, and one press to live again', async () => {
    goOnAir()
    const { page } = await openScreen(context)
    await watchLive(page)
    await page.getByRole('button', { name: 'The butterfly lands' }).click()
    await page.locator('.player[data-live="false"]').waitFor()
    await holds(async () => {
      expect(await behindS(page)).toBeGreaterThan(200)
      expect((await videoState(page)).readyState).toBeGreaterThan(2)
    })
    await page.keyboard.press('l')
    await page.locator('.player[data-live="true"]').waitFor()
    await holds(async () => expect(await behindS(page)).toBeLessThan(BEHIND_S.max))
  })

  test('while the creator is away it says so and counts down; it goes on by itself', async () => {
    goOnAir()
    const { page } = await openScreen(context)
    await watchLive(page)
    const [stream] = platform.stage.streams
    if (stream === undefined) throw new Error('Nothing is staged.')
    const until = new Date(Date.now() + 43_000).toISOString()
    platform.restage({ stoppedMs: Date.now(), streams: [{ ...stream, state: 'reconnecting', reconnect_until: until }] })
    await page.getByText('The show is paused').waitFor({ timeout: 25_000 })
    expect(await page.locator('.player-card-count').innerText()).toMatch(/^\d{1,2} s left$/)
    expect(await axeFindings(page)).toEqual([])
    platform.restage({ stoppedMs: undefined, streams: [stream] })
    await page.getByText('The show is paused').waitFor({ state: 'detached' })
    await holds(async () => {
      expect((await videoState(page)).readyState).toBeGreaterThan(2)
    })
  })

  test('when the show ends it says so and plays the whole of it from the start', async () => {
    goOnAir()
    const { page } = await openScreen(context)
    await watchLive(page)
    const [stream] = platform.stage.streams
    if (stream === undefined) throw new Error('Nothing is staged.')
    const endedMs = Date.now()
    platform.restage({
      streams: [
        {
          ...stream,
          state: 'archived',
          ended_at: new Date(endedMs).toISOString(),
          duration_ms: endedMs - Date.parse(stream.started_at ?? ''),
          playback: { ...stream.playback, hls_url: `${platform.url}/play/strm_1/master.m3u8` },
        },
      ],
    })
    const again = page.getByRole('button', { name: 'Watch from the start' })
    await again.waitFor({ timeout: 25_000 })
    expect(await axeFindings(page)).toEqual([])
    await again.click()
    await holds(async () => expect(await page.locator('.clock').innerText()).toMatch(/^0:0[1-9] \/ 5:\d\d$/))
  })

  test('a finished show plays as an archive, with a bar over all of it', async () => {
    platform.restage({ streams: [stagedStream(platform.url, { agoS: 4_000, lengthS: 120 })], stoppedMs: undefined })
    const { page } = await openScreen(context)
    await page.goto(`${platform.url}/w/strm_1`)
    await holds(async () => expect(await page.locator('.clock').innerText()).toMatch(/ \/ 2:00$/))
    expect(await axeFindings(page)).toEqual([])
  })
})

test('the keyboard does all that the controls do', async () => {
  goOnAir()
  const context = await openChromium('desk')
  const { page } = await openScreen(context)
  await watchLive(page)
  const state = async () => {
    const { paused, muted, volume } = await videoState(page)
    return { paused, muted, volume }
  }
  await page.keyboard.press(' ')
  await holds(async () => expect(await state()).toMatchObject({ paused: true }))
  await page.keyboard.press(' ')
  await holds(async () => expect(await state()).toMatchObject({ paused: false }))
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('m')
  await holds(async () => expect(await state()).toEqual({ paused: false, muted: true, volume: 0.9 }))
  await page.keyboard.press('i')
  await page.locator('.stats-overlay').getByText('Dropped frames').waitFor()
  for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('ArrowLeft')
  await holds(async () => {
    const behind = await behindS(page)
    expect(behind).toBeGreaterThan(38)
    expect(behind).toBeLessThan(60)
  })
  await page.getByRole('slider', { name: 'Place in the show' }).focus()
  await page.keyboard.press('Home')
  await holds(async () => expect(await behindS(page)).toBeGreaterThan(280))
  await page.keyboard.press('End')
  await page.locator('.player[data-live="true"]').waitFor()
  await context.close()
})

test('a viewer chooses a quality and gets it', async () => {
  goOnAir()
  const context = await openChromium('desk')
  const { page } = await openScreen(context)
  await watchLive(page)
  const focused = () => page.evaluate('document.activeElement?.innerText')
  await page.getByRole('button', { name: 'Quality' }).focus()
  await page.keyboard.press('Enter')
  const menu = page.getByRole('menu', { name: 'Quality' })
  await holds(async () => expect(await focused()).toMatch(/^Auto/u))
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toMatch(/^180p/u)
  await page.keyboard.press('Enter')
  await menu.waitFor({ state: 'detached' })
  await holds(async () => {
    const { videoHeight } = await videoState(page)
    expect([videoHeight, await page.locator('.control-text').innerText()]).toEqual([
      180,
      expect.stringContaining('180p'),
    ])
  })
  await page.keyboard.press('Enter')
  await menu.waitFor()
  expect(await axeFindings(page)).toEqual([])
  await context.close()
})

test('an unknown show and a channel off the air each get a sentence and a next step', async () => {
  platform.restage({ streams: [], channels: [stagedChannel()], stoppedMs: undefined })
  const context = await openChromium('phone')
  const { page } = await openScreen(context)
  await page.goto(`${platform.url}/w/strm_nowhere`)
  await page.getByText('There is nothing at this address.').waitFor()
  expect(await axeFindings(page)).toEqual([])
  await page.goto(`${platform.url}/w/chan_1`)
  await page.getByText('This channel is off the air').waitFor()
  await page.goto(`${platform.url}/nowhere/at/all`)
  await page.getByRole('heading', { name: 'This page is not on the air' }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await context.close()
})

test('a title is text: markup in it never becomes part of the page', async () => {
  const title = '<img src=x onerror="globalThis.owned=1">"\'`</script><script>globalThis.owned=1</script>'
  platform.restage({
    streams: [stagedStream(platform.url, { title })],
    channels: [stagedChannel({ title })],
    stoppedMs: undefined,
  })
  const context = await openChromium('desk')
  const { page } = await openScreen(context)
  for (const path of ['/live', '/w/strm_1']) {
    await page.goto(platform.url + path)
    await page.getByText(title).first().waitFor()
  }
  expect(await page.evaluate(`'owned' in globalThis`)).toBe(false)
  await context.close()
})
