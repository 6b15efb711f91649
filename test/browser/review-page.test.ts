import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, holds, openScreen } from './open-screen.ts'
import { stagedClip, stagedSimulation } from './staged-clips.ts'
import { stagePlatform } from './staged-platform.ts'
import type { StagedQueued } from './staged-clips.ts'
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

function waiting(id: string, title: string, agoS: number, needed = 1): StagedQueued {
  return {
    clip: stagedClip(platform.url, {
      id,
      title,
      state: 'in_review',
      origin: 'highlight',
      marquee: needed > 1,
      score: 8.4,
      reasons: stagedSimulation(platform.url, 1_000).picks[0]?.reasons ?? [],
      review_since: new Date(Date.now() - agoS * 1_000).toISOString(),
    }),
    reviews: [],
    approvals_needed: needed,
  }
}

beforeEach(() => {
  platform.restage({ streams: [], channels: [], calls: [] })
  platform.restageClips({
    queue: [waiting('clip_a', 'The butterfly lands', 900), waiting('clip_b', 'Street food', 300)],
    refusal: undefined,
  })
})

async function openQueue(page: Page): Promise<void> {
  await page.goto(`${platform.url}/studio/review`)
  const name = page.getByLabel('Your name')
  const desk = page.locator('.review-desk, .empty')
  await name.or(desk).first().waitFor()
  if (await name.isVisible()) {
    await name.fill('Alice')
    await page.keyboard.press('Enter')
  }
  await desk.waitFor()
}

const verdicts = () => platform.stage.calls.filter(({ key }) => key.endsWith('/reviews'))

describe.each(['phone', 'desk'] as const)('the review queue on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = size === 'desk' ? desk : await openChromium(size)
  })
  afterAll(async () => {
    if (context !== desk) await context.close()
  })

  test('the clip that waits longest plays, with its reasons; A asks, Enter approves, and the next one plays', async () => {
    const { page, wrongs } = await openScreen(context)
    await openQueue(page)
    await page.getByRole('heading', { name: 'The butterfly lands' }).waitFor()
    await page.getByText('Louder by 12 dB').waitFor()
    await holds(async () =>
      expect(await page.evaluate(`document.querySelector('.review-picture video').currentTime`)).toBeGreaterThan(0),
    )
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
    await page.keyboard.press('a')
    const dialog = page.getByRole('dialog', { name: 'Approve this clip?' })
    await dialog.waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(verdicts()).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Street food' }).waitFor()
    expect(verdicts()).toEqual([{ key: 'POST /v1/clips/clip_a/reviews', body: { verdict: 'approve' } }])
    expect(wrongs).toEqual([])
  })

  test('a rejection needs a reason: a chip, words, or both', async () => {
    const { page } = await openScreen(context)
    await openQueue(page)
    await page.keyboard.press('r')
    const dialog = page.getByRole('dialog', { name: 'Reject this clip?' })
    const reject = dialog.getByRole('button', { name: 'Reject' })
    await dialog.waitFor()
    expect(await reject.isDisabled()).toBe(true)
    await dialog.getByText('Offensive words').click()
    await dialog.getByLabel('In your own words').fill('at 0:04')
    expect(await axeFindings(page)).toEqual([])
    await reject.click()
    await page.getByRole('heading', { name: 'Street food' }).waitFor()
    expect(verdicts().at(-1)?.body).toEqual({ verdict: 'reject', reason: 'Offensive words · at 0:04' })
  })
})

test('a verdict that is refused brings the clip back, with the sentence that says why', async () => {
  const { page } = await openScreen(desk)
  await openQueue(page)
  platform.restageClips({ refusal: { code: 'review.not-yours', status: 409 } })
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Enter')
  await page.locator('.review-desk').getByText('This review needs another person.').waitFor()
  await page.getByRole('heading', { name: 'The butterfly lands' }).waitFor()
  expect(await page.locator('.review-entry').count()).toBe(2)
  await page.close()
})

test('where two people are needed, one approval is shown as one, and cannot be given twice', async () => {
  platform.restageClips({ queue: [waiting('clip_a', 'The butterfly lands', 900, 2)] })
  const { page } = await openScreen(desk)
  await openQueue(page)
  await page.getByText('0 of 2 approvals').waitFor()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('somebody else has to look as well').waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('1 of 2 approvals').waitFor()
  await page.getByText('Somebody else has to approve it too.').waitFor()
  expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true)
  await page.keyboard.press('a')
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(await axeFindings(page)).toEqual([])
  await page.close()
})

test('with nothing to review it says so', async () => {
  platform.restageClips({ queue: [] })
  const { page } = await openScreen(desk)
  await openQueue(page)
  await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await page.close()
})
