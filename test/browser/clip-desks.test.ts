import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, openScreen } from './open-screen.ts'
import { stagedClip } from './staged-clips.ts'
import { stagedStream, stagePlatform } from './staged-platform.ts'
import type { StagedJob } from './staged-clips.ts'
import type { StagedPlatform } from './staged-platform.ts'

let platform: StagedPlatform
beforeAll(async () => {
  platform = await stagePlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const job = (changes: Partial<StagedJob>): StagedJob => ({
  id: 'job_1',
  kind: 'render-clip',
  subject_id: 'clip_1',
  state: 'leased',
  attempt: 1,
  created_at: new Date(Date.now() - 60_000).toISOString(),
  ...changes,
})

async function enter(page: Page, path: string): Promise<void> {
  await page.goto(`${platform.url}${path}`)
  const name = page.getByLabel('Your name')
  const tabs = page.locator('.studio-tabs')
  await name.or(tabs).first().waitFor()
  if (await name.isVisible()) {
    await name.fill('Alice')
    await page.keyboard.press('Enter')
  }
  await tabs.waitFor()
}

describe.each(['phone', 'desk'] as const)('on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await openChromium(size)
  })
  afterAll(() => context.close())

  test('jobs tell how far they are by themselves; a dead one says why and is tried again', async () => {
    const running = job({ percent: 12 })
    platform.restage({ calls: [] })
    platform.restageClips({
      jobs: [running, job({ id: 'job_2', state: 'dead', attempt: 5, error: { message: 'No picture was found.' } })],
    })
    const { page, wrongs } = await openScreen(context)
    await enter(page, '/studio/jobs')
    await page.getByText('Running · 12 %').waitFor()
    running.percent = 61
    await page.getByText('Running · 61 %').waitFor()
    await page.getByText('No picture was found.').waitFor()
    await page.getByText('Attempts: 5').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Try again' }).waitFor({ state: 'detached' })
    expect(platform.stage.calls.map(({ key }) => key)).toContain('POST /v1/jobs/job_2/retry')
    expect(await page.locator('.job').first().getByRole('link').getAttribute('href')).toBe('/studio/clips/clip_1')
    expect(wrongs).toEqual([])
  })

  test('the clips of the shows, by state, each a way to its editor', async () => {
    platform.restageClips({
      clips: [
        stagedClip(platform.url, { title: 'The drop' }),
        stagedClip(platform.url, { id: 'clip_2', title: 'Too loud', state: 'rejected' }),
      ],
    })
    const { page } = await openScreen(context)
    await enter(page, '/studio/clips')
    await page.getByText('The drop').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    await page.locator('.chip-choice').getByText('Rejected').click()
    await page.getByText('The drop').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Too loud' }).click()
    await page.waitForURL('**/studio/clips/clip_2')
  })

  test('a show tells what was clipped of it', async () => {
    platform.restage({ streams: [stagedStream(platform.url)] })
    platform.restageClips({ clips: [stagedClip(platform.url, { title: 'The drop' })] })
    const { page } = await openScreen(context)
    await enter(page, '/studio/streams/strm_1')
    expect(await page.getByRole('link', { name: 'The drop' }).getAttribute('href')).toBe('/studio/clips/clip_1')
  })
})
