import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, holds, openScreen } from './open-screen.ts'
import { stagedClip } from './staged-clips.ts'
import { stagedChannel, stagedStream, stagePlatform } from './staged-platform.ts'
import type { StagedPlatform } from './staged-platform.ts'

/** Playing time and the clock of the looped footage differ by less than this, in ms. */
const PLAYING_TIME_MS_OFF = 1_000
/** What a player keeps between itself and the newest moment of this playlist, at most. */
const BEHIND_MS_MAX = 14_000
const SHOW_AGE_S = 300

let platform: StagedPlatform
let desk: BrowserContext
beforeAll(async () => {
  ;[platform, desk] = await Promise.all([stagePlatform(), openChromium('desk')])
})
afterAll(async () => {
  await desk.close()
  await platform[Symbol.asyncDispose]()
})
beforeEach(() => {
  platform.restage({
    streams: [stagedStream(platform.url, { agoS: SHOW_AGE_S })],
    channels: [stagedChannel()],
    markers: [
      {
        id: 'mark_1',
        stream_id: 'strm_1',
        kind: 'highlight',
        note: 'The butterfly lands',
        at_ms: 60_000,
        created_at: new Date().toISOString(),
      },
    ],
    calls: [],
    stoppedMs: undefined,
  })
  platform.restageClips({ clips: [], related: [], refusal: undefined })
})

type Range = { stream_id: string; start_ms: number; end_ms: number }

async function watchLive(page: Page): Promise<void> {
  await page.goto(`${platform.url}/w/strm_1`)
  await page.locator('.player[data-seen="true"][data-live="true"]').waitFor()
}

const asked = (): Range[] =>
  platform.stage.calls.filter(({ key }) => key === 'POST /v1/clips').map(({ body }) => body as Range)

const clipTime = `document.querySelector('.clip-card video')?.currentTime ?? 0`

describe.each(['phone', 'desk'] as const)('"clip that" on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = size === 'desk' ? desk : await openChromium(size)
  })
  afterAll(async () => {
    if (context !== desk) await context.close()
  })

  test('clips the 30 s before what the viewer sees, plays them, and shows the vertical form when it is there', async () => {
    const { page, wrongs } = await openScreen(context)
    await watchLive(page)
    const button = page.locator('.show-head .clip-that-press')
    await button.click()
    await holds(async () => expect(Number(await page.evaluate(clipTime))).toBeGreaterThan(0))
    const [range] = asked()
    if (range === undefined) throw new Error('No clip was asked for.')
    expect(range.stream_id).toBe('strm_1')
    expect(range.end_ms - range.start_ms).toBe(30_000)
    const age = Date.now() - Date.parse(platform.stage.streams[0]?.started_at ?? '')
    expect(range.end_ms).toBeLessThan(age)
    expect(range.end_ms).toBeGreaterThan(age - BEHIND_MS_MAX)

    const card = page.getByRole('complementary', { name: 'Your clip' })
    await card.getByText(`${platform.url}/c/clip_made_0`).waitFor()
    const made = platform.clips.clips[0]
    if (made === undefined) throw new Error('No clip was made.')
    Object.assign(made, { render: { job_id: 'job_1', percent: 42, stored: [] } })
    await card.getByText('Rendering: 42 %').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    const { playback, files } = stagedClip(platform.url)
    Object.assign(made, { state: 'published', render: null, playback, files })
    await card.getByLabel('As the feed shows it').waitFor()
    await card.getByText('Published').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    expect(wrongs).toEqual([])
  })

  test('back in the show, by keyboard: the clip ends where the picture is, and not at the edge', async () => {
    const { page } = await openScreen(context)
    await watchLive(page)
    await page.getByRole('button', { name: 'The butterfly lands' }).click()
    await page.locator('.player[data-live="false"]').waitFor()
    await page.keyboard.press('c')
    await page.locator('.clip-card').waitFor()
    await holds(() => expect(asked()).toHaveLength(1))
    const [range] = asked()
    expect(range?.end_ms).toBeGreaterThanOrEqual(59_000)
    expect(range?.end_ms).toBeLessThan(75_000)
    expect(Math.abs((range?.end_ms ?? 0) - (range?.start_ms ?? 0) - 30_000)).toBeLessThan(PLAYING_TIME_MS_OFF)
  })

  test('another length is chosen by keyboard, clips at once, and is remembered', async () => {
    const { page } = await openScreen(context)
    await watchLive(page)
    await page.locator('.show-head .clip-that-span').focus()
    await page.keyboard.press('Enter')
    const menu = page.getByRole('menu', { name: 'Length of the clip' })
    await menu.waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await menu.waitFor({ state: 'detached' })
    await holds(() => expect(asked()).toHaveLength(1))
    await page.reload()
    await page.locator('.player[data-seen="true"]').waitFor()
    await page.keyboard.press('c')
    await holds(() => expect(asked().map(range => range.end_ms - range.start_ms)).toEqual([15_000, 15_000]))
    await page.evaluate('localStorage.clear()')
  })
})

test.each([
  ['clip.no-media', 422, 'Nothing of this range was recorded.', 'Choose a moment'],
  ['clip.range', 422, 'A clip is 1 to 120 seconds long.', 'Choose another range.'],
  ['clip.too-many', 429, 'That was your last clip for today.', 'tomorrow'],
] as const)('%s is told in a sentence with the next step, and can be tried again', async (code, status, what, next) => {
  platform.restageClips({ refusal: { code, status } })
  const { page } = await openScreen(desk)
  await watchLive(page)
  await page.keyboard.press('c')
  const notice = page.locator('.clip-card').getByRole('alert')
  await notice.getByText(what).waitFor()
  expect(await notice.innerText()).toContain(next)
  expect(await axeFindings(page)).toEqual([])
  platform.restageClips({ refusal: undefined })
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.clip-card video').waitFor()
  await page.close()
})

test('when no answer came, trying again asks for the very same clip under the same key', async () => {
  const keys: (string | undefined)[] = []
  const { page } = await openScreen(desk)
  await page.route('**/v1/clips', async route => {
    if (route.request().method() !== 'POST') return await route.continue()
    keys.push(route.request().headers()['idempotency-key'])
    await (keys.length === 1 ? route.abort() : route.continue())
  })
  await watchLive(page)
  await page.keyboard.press('c')
  await page.locator('.clip-card').getByText('Showreel cannot be reached.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.clip-card video').waitFor()
  expect(keys).toEqual([expect.any(String), keys[0]])
  await page.close()
})

test('pressing again while a clip is being made asks for nothing more', async () => {
  const { page } = await openScreen(desk)
  const pressed = Promise.withResolvers<undefined>()
  await page.route('**/v1/clips', async route => {
    if (route.request().method() === 'POST') await pressed.promise
    await route.continue()
  })
  await watchLive(page)
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press('c')
  pressed.resolve(undefined)
  await page.locator('.clip-card video').waitFor()
  expect(asked()).toHaveLength(1)
  await page.close()
})

test('published clips stand on the bar and below the show; those who only look in a frame are offered none to make', async () => {
  platform.restageClips({
    clips: [stagedClip(platform.url, { state: 'published', title: 'The drop', start_ms: 100_000, end_ms: 130_000 })],
    related: [
      {
        kind: 'clip',
        id: 'clip_1',
        stream_id: 'strm_1',
        title: 'The drop',
        tags: [],
        creator: { id: 'crtr_1', handle: 'alice', display_name: 'Alice' },
        playback: { id: 'play_clip_1', mp4_url: `${platform.url}/staged/clip.mp4` },
        duration_ms: 30_000,
        at: new Date().toISOString(),
        start_ms: 100_000,
        shares: 0,
        why: { rank: 1, bonus_ms: 0, reasons: [] },
      },
    ],
  })
  const { page } = await openScreen(desk)
  await watchLive(page)
  await page.locator('.time-bar-clip').waitFor({ state: 'attached' })
  expect(await page.getByRole('link', { name: 'The drop' }).getAttribute('href')).toBe('/c/clip_1')
  await holds(async () => {
    const mark = await page.locator('.time-bar-clip').boundingBox()
    const bar = await page.locator('.time-bar').boundingBox()
    if (mark === null || bar === null) throw new Error('Nothing stands on the bar.')
    // The first movement brings the controls back, the second one points.
    await page.mouse.move(bar.x + bar.width / 2, bar.y - 40)
    await page.mouse.move(mark.x + mark.width / 2, bar.y + bar.height / 2, { steps: 3 })
    expect(await page.locator('.time-bar-tip').innerText({ timeout: 1_000 })).toContain('The drop')
  })
  await page.goto(`${platform.url}/embed/strm_1`)
  await page.locator('.player[data-seen="true"]').waitFor()
  expect(await page.locator('.clip-that').count()).toBe(0)
  await page.close()
})
