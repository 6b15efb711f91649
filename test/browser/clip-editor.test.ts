import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, holds, openScreen } from './open-screen.ts'
import { stagedClip, stagedSimulation } from './staged-clips.ts'
import { stagedStream, stagePlatform } from './staged-platform.ts'
import type { StagedClip } from './staged-clips.ts'
import type { StagedPlatform } from './staged-platform.ts'

let platform: StagedPlatform
let desk: BrowserContext
beforeAll(async () => {
  ;[platform, desk] = await Promise.all([stagePlatform(), openChromium('desk')])
})
afterAll(async () => {
  await desk.close()
  await platform[Symbol.asyncDispose]()
})

function stage(clip: Partial<StagedClip> = {}): void {
  platform.restage({ streams: [stagedStream(platform.url)], channels: [], markers: [], calls: [] })
  platform.restageClips({
    clips: [stagedClip(platform.url, clip)],
    simulation: stagedSimulation(platform.url, 300_000),
    refusal: undefined,
  })
}

async function openEditor(page: Page): Promise<void> {
  await page.goto(`${platform.url}/studio/clips/clip_1`)
  const name = page.getByLabel('Your name')
  const title = page.getByLabel('Title', { exact: true })
  await name.or(title).first().waitFor()
  if (await name.isVisible()) {
    await name.fill('Alice')
    await page.keyboard.press('Enter')
  }
  await title.waitFor()
}

const changes = (): unknown[] =>
  platform.stage.calls.filter(({ key }) => key.startsWith('PATCH /v1/clips/')).map(({ body }) => body)

describe.each(['phone', 'desk'] as const)('the clip editor on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = size === 'desk' ? desk : await openChromium(size)
  })
  afterAll(async () => {
    if (context !== desk) await context.close()
  })
  beforeEach(() => stage())

  test('shows the show around the clip: pictures, sound, highlights and files; axe finds nothing', async () => {
    const { page, wrongs } = await openScreen(context)
    await openEditor(page)
    await page.locator('.film-sheet').first().waitFor()
    await page.locator('.curves-score').waitFor()
    await page.getByText('Vertical 9:16').first().waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    expect(wrongs).toEqual([])
  })

  test('both ends move by a frame, by a second and by a typed time, and the range is saved as it stands', async () => {
    const { page } = await openScreen(context)
    await openEditor(page)
    await page.getByRole('slider', { name: 'Start' }).focus()
    await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('ArrowRight')
    const end = page.getByLabel('End', { exact: true }).and(page.locator('input'))
    await end.fill('1:20.5')
    await page.keyboard.press('Enter')
    await page.getByText('Unsaved changes').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Unsaved changes').waitFor({ state: 'detached' })
    expect(changes()).toEqual([{ start_ms: 59_033, end_ms: 80_500 }])
  })

  test('a highlight tells its reasons and gives its range', async () => {
    const { page } = await openScreen(context)
    await openEditor(page)
    await page.getByRole('button', { name: 'Highlight, score 8.4' }).click()
    await page.getByText('Louder by 12 dB').waitFor()
    await page.getByText('Motion ×3.0').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'Use this range' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await holds(() => expect(changes()).toEqual([{ start_ms: 58_000, end_ms: 72_000 }]))
  })

  test('the crop follows the action until its box is moved', async () => {
    const { page } = await openScreen(context)
    await openEditor(page)
    const box = page.getByRole('slider', { name: 'What is kept of the picture' })
    const place = await box.boundingBox()
    if (place === null) throw new Error('There is no crop box.')
    const middle = { x: place.x + place.width / 2, y: place.y + place.height / 2 }
    await page.mouse.move(middle.x, middle.y)
    await page.mouse.down()
    await page.mouse.move(middle.x + place.width * 4, middle.y, { steps: 4 })
    await page.mouse.up()
    await page.getByText('The crop stays where the box is.').waitFor()
    await box.focus()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('button', { name: 'Save' }).click()
    await holds(() => expect(changes()).toEqual([{ crop: { center: expect.closeTo(0.832, 2) as number } }]))
  })

  test('words, tags and files for other places are saved together', async () => {
    const { page } = await openScreen(context)
    await openEditor(page)
    await page.getByLabel('Title', { exact: true }).fill('It lands at last')
    await page.getByRole('textbox', { name: 'Tags' }).fill('ป่า')
    await page.keyboard.press('Enter')
    await page.getByText('Short video').click()
    await page.getByRole('button', { name: 'Save' }).click()
    await holds(() =>
      expect(changes()).toEqual([{ title: 'It lands at last', tags: ['forest', 'ป่า'], presets: ['shorts'] }]),
    )
  })
})

test('unsaved changes are not left behind without a question', async () => {
  stage()
  const { page } = await openScreen(desk)
  await openEditor(page)
  await page.getByLabel('Title', { exact: true }).fill('Half a thought')
  await page.getByRole('link', { name: 'Jobs' }).click()
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' })
  await dialog.waitFor()
  expect(await axeFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Go on editing' }).click()
  expect(await page.getByLabel('Title', { exact: true }).inputValue()).toBe('Half a thought')
  await page.getByRole('link', { name: 'Jobs' }).click()
  await dialog.getByRole('button', { name: 'Leave' }).click()
  await page.waitForURL('**/studio/jobs')
  expect(changes()).toEqual([])
  await page.close()
})

test('a published clip keeps its pictures: another range becomes a clip of its own', async () => {
  stage({ state: 'published', published_at: new Date().toISOString() })
  const { page } = await openScreen(desk)
  await openEditor(page)
  await page.getByRole('slider', { name: 'End' }).focus()
  await page.keyboard.press('Shift+ArrowRight')
  await page.getByRole('button', { name: 'Save as a new clip' }).click()
  await page.waitForURL('**/studio/clips/clip_made_1')
  expect(platform.stage.calls.find(({ key }) => key === 'POST /v1/clips')?.body).toMatchObject({
    stream_id: 'strm_1',
    start_ms: 60_000,
    end_ms: 76_000,
    title: 'The butterfly lands',
  })
  expect(changes()).toEqual([])
  await page.close()
})

test('while it is rendered the range stands still and the progress is told; then it can be published, withdrawn, deleted', async () => {
  stage({ state: 'rendering', render: { job_id: 'job_1', percent: 12, stored: ['wide'] } })
  const { page } = await openScreen(desk)
  await openEditor(page)
  await page.getByText('Rendering: 12 %').waitFor()
  await page.locator('.outputs li', { hasText: 'Wide 16:9' }).getByText('Made').waitFor()
  await page.locator('.outputs li', { hasText: 'Vertical 9:16' }).getByText('Being made').waitFor()
  await page.getByRole('slider', { name: 'End' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.getByText('Being rendered. Range and crop').waitFor()
  const [clip] = platform.clips.clips
  if (clip === undefined) throw new Error('Nothing is staged.')
  const { playback, files } = stagedClip(platform.url)
  Object.assign(clip, { state: 'ready', render: null, playback, files, updated_at: new Date().toISOString() })
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('button', { name: 'Withdraw from the feed' }).click()
  await page.getByRole('button', { name: 'Publish' }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete this clip?' })
  await dialog.waitFor()
  expect(await axeFindings(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(platform.stage.calls.some(({ key }) => key.startsWith('DELETE'))).toBe(false)
  await page.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete the clip' }).click()
  await page.waitForURL('**/studio/clips')
  await page.getByText('No clips yet').waitFor()
  await page.close()
})

test('without pictures of the show, the strip is drawn from the clip; without a curve it says when there will be one', async () => {
  stage()
  platform.restageClips({ simulation: undefined })
  const { page, wrongs } = await openScreen(desk)
  await openEditor(page)
  await page.getByText('Sound and highlights appear once').waitFor()
  const drawn = `(canvas => canvas.getContext('2d').getImageData(canvas.width - 40, 40, 1, 1).data[3])(document.querySelector('.film-drawn'))`
  await holds(async () => expect(await page.evaluate(drawn)).toBe(255))
  expect(await axeFindings(page)).toEqual([])
  expect(wrongs.filter(wrong => !wrong.startsWith('Failed to load resource'))).toEqual([])
  await page.close()
})

test('a clip is sent to review before anybody else sees it', async () => {
  stage()
  const { page } = await openScreen(desk)
  await openEditor(page)
  await page.getByRole('button', { name: 'Send to review' }).click()
  await page.getByRole('link', { name: 'Open the review queue' }).waitFor()
  expect(changes()).toEqual([{ marquee: true }])
  expect(await page.getByRole('button', { name: 'Publish' }).count()).toBe(0)
  expect(await axeFindings(page)).toEqual([])
  await page.close()
})
