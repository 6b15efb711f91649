import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { axeFindings, expectFits, holds, openScreen, videoState } from './open-screen.ts'
import { stagedChannel, stagedStream, stagePlatform } from './staged-platform.ts'
import type { StagedPlatform } from './staged-platform.ts'

const SECRET = 'sk_live_4tqyv2wzsl3kd6b5x7aejmnopq'

let platform: StagedPlatform
beforeAll(async () => {
  platform = await stagePlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

function sampleAt(index: number) {
  return {
    level: 'good' as const,
    sentence: 'Your picture arrives steadily at 30 frames a second.',
    bitrate_kbps: 2_800 + index,
    fps: 30,
    gop_s: 2,
    lag_ms: 120,
    renditions: ['720p', '360p'],
    at: new Date(Date.now() - (30 - index) * 2_000).toISOString(),
  }
}

function goOnAir(): void {
  const recent = Array.from({ length: 30 }, (_, index) => sampleAt(index))
  platform.restage({
    streams: [stagedStream(platform.url)],
    channels: [stagedChannel({ state: 'live', live_stream_id: 'strm_1' })],
    markers: [],
    calls: [],
    stoppedMs: undefined,
    health: { stream_id: 'strm_1', state: 'live', current: recent[29] ?? null, recent },
    ledger: {
      stream_id: 'strm_1',
      produced: 150,
      stored: 150,
      indexed: 149,
      off: 1,
      missing: [150],
      duration_ms: 300_000,
      complete: false,
    },
    timeline: [
      'ingest.connected',
      'stream.started',
      'segment.finalized',
      'segment.finalized',
      'stream.reconnecting',
    ].map((type, index) => ({
      id: `evt_${index}`,
      type,
      time: new Date(Date.now() - 300_000 + index * 1_000).toISOString(),
      sequence: index,
      epoch: 1,
      at_ms: index * 1_000,
      data: {},
    })),
  })
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${platform.url}/studio`)
  await page.getByLabel('Your name').fill('Alice')
  await page.keyboard.press('Enter')
}

describe.each(['phone', 'desk'] as const)('the studio on a %s', size => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await openChromium(size)
  })
  afterAll(() => context.close())

  test('from its door to a channel waiting for its encoder: the key is masked, shown once and replaced with grace', async () => {
    platform.restage({ streams: [], channels: [], markers: [], calls: [] })
    const { page, wrongs } = await openScreen(context)
    await page.goto(`${platform.url}/studio`)
    await page.getByRole('heading', { name: 'Your studio' }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await signIn(page)
    await page.getByLabel('Title').fill('Late Night Lantern')
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'Make the channel' }).click()
    await page.getByText('Waiting for your encoder').waitFor()
    expect(platform.stage.calls).toContainEqual({
      key: 'POST /v1/channels',
      body: {
        title: 'Late Night Lantern',
        latency_mode: 'low',
        dvr_window_s: 3600,
        reconnect_window_s: 60,
        record: true,
      },
    })
    await page.getByText('rtmp://localhost:1935/live', { exact: true }).waitFor()
    expect(await page.locator('body').innerText()).not.toContain(SECRET)
    await page.getByRole('button', { name: 'Show', exact: true }).first().click()
    await page.getByText(SECRET, { exact: true }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)

    await page.getByRole('button', { name: 'New key' }).click()
    const dialog = page.getByRole('dialog', { name: 'Replace the stream key?' })
    await dialog.waitFor()
    expect(await axeFindings(page)).toEqual([])
    await dialog.getByLabel('In an hour').check()
    await dialog.getByRole('button', { name: 'Make the new key' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(platform.stage.calls.at(-1)).toEqual({
      key: 'POST /v1/channels/chan_1/stream-keys/skey_1/rotate',
      body: { grace_s: 3600 },
    })

    await page.reload()
    await page.getByText('Shown once, when it was made.').waitFor()
    expect(wrongs).toEqual([])
  })

  test('live: picture, health, plots, lights and recording; moments are marked and the show is ended after a question', async () => {
    goOnAir()
    const { page, wrongs } = await openScreen(context)
    await signIn(page)
    await page.getByText('Your picture arrives steadily at 30 frames a second.').waitFor()
    await holds(async () => {
      expect((await videoState(page)).currentTime).toBeGreaterThan(0)
    })
    expect(await page.locator('.plot canvas').count()).toBe(3)
    await page.getByText('720p').waitFor()
    await page.getByText('Being stored').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)

    await page.getByLabel('What just happened?').fill('The drop')
    await page.getByRole('button', { name: 'Mark' }).click()
    await page.locator('.marker-list').getByText('The drop').waitFor()
    await page.getByRole('button', { name: 'End show' }).click()
    const dialog = page.getByRole('dialog', { name: 'End the show?' })
    await dialog.waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(platform.stage.calls.some(({ key }) => key.startsWith('PUT'))).toBe(false)
    await page.getByRole('button', { name: 'End show' }).click()
    await dialog.getByRole('button', { name: 'End the show' }).click()
    await holds(() => expect(platform.stage.calls.at(-1)?.key).toBe('PUT /v1/streams/strm_1/complete'))
    expect(wrongs).toEqual([])
  })

  test('the page of one show tells what happened, segments together, and axe finds nothing', async () => {
    goOnAir()
    const { page } = await openScreen(context)
    await signIn(page)
    await page.getByRole('link', { name: 'Show details' }).click()
    await page.getByText('Segments stored: 2').waitFor()
    await page.getByText('Waiting for the encoder').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await expectFits(page)
  })
})

test('a token that is no longer good leads back to the door', async () => {
  goOnAir()
  const context = await openChromium('desk')
  const { page } = await openScreen(context)
  await signIn(page)
  await page.getByRole('button', { name: 'End show' }).waitFor()
  platform.restage({ problem: { status: 401, code: 'auth.invalid' } })
  await page.getByRole('heading', { name: 'Your studio' }).waitFor()
  platform.restage({ problem: undefined })
  await context.close()
})
