import { setTimeout as sleep } from 'node:timers/promises'
import type { TestBrowser } from '../helpers/frame-clock-browser.ts'
import { glassToGlassMs } from '../helpers/frame-clock-latency.ts'
import { forgetShownFrames, installFrameClock, type ShownFrame, shownFrames } from '../helpers/frame-clock-page.ts'
import type { MarkedPublication } from '../helpers/marked-media-publisher.ts'
import { median } from './quartiles.ts'
import { until } from './until.ts'

export type WatchPlan = { settleMs: number; sampleMs: number; fps: number }

/** Share of the frames of the sampled time that must have been shown, in order; less is not a picture but a slide show. */
const SHOWN_SHARE_MIN = 0.5
/** Longest wait for the first picture, in ms. */
const FIRST_PICTURE_MS_MAX = 30_000

function checkFrames(frames: readonly ShownFrame[], plan: WatchPlan, said: string): void {
  const expected = (plan.sampleMs / 1_000) * plan.fps
  const backwards = frames.filter(({ frame }, index) => frame < (frames[index - 1]?.frame ?? 0)).length
  if (frames.length < expected * SHOWN_SHARE_MIN || backwards > 0) {
    throw new Error(
      `${frames.length} of ${expected} frames were shown, ${backwards} backwards. The page said:\n${said}`,
    )
  }
}

/** Opens a player page, lets it settle and gives the median glass to glass of the frames of the sampled time, in ms. */
export async function watchedLatencyMs(
  browser: TestBrowser,
  url: string,
  publication: MarkedPublication,
  plan: WatchPlan,
): Promise<number> {
  const page = await browser.page()
  try {
    await installFrameClock(page)
    await page.goto(url)
    await until(async () => ((await shownFrames(page)).length > 0 ? true : undefined), {
      what: `a first picture at ${url}`,
      withinMs: FIRST_PICTURE_MS_MAX,
      everyMs: 100,
    }).catch((error: unknown) => {
      throw new Error(`The page said:\n${page.said()}`, { cause: error })
    })
    await sleep(plan.settleMs)
    await forgetShownFrames(page)
    await sleep(plan.sampleMs)
    const frames = await shownFrames(page)
    checkFrames(frames, plan, page.said())
    return median(glassToGlassMs(frames, publication))
  } finally {
    await page.close()
  }
}

/** Opens a page and gives the ms from the start of its navigation to its first picture. */
export async function joinMs(browser: TestBrowser, url: string): Promise<number> {
  const page = await browser.page()
  try {
    await installFrameClock(page)
    await page.goto(url, { waitUntil: 'commit' })
    const first = await until(async () => (await shownFrames(page))[0], {
      what: 'a first picture',
      withinMs: FIRST_PICTURE_MS_MAX,
      everyMs: 50,
    }).catch((error: unknown) => {
      throw new Error(`The page said:\n${page.said()}`, { cause: error })
    })
    return first.atMs - Number(await page.evaluate('performance.timeOrigin'))
  } finally {
    await page.close()
  }
}
