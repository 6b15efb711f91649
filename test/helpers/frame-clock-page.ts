import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { decodeFrameNumber } from '#shared/media/marked/frame-clock.ts'

/** One frame a page presented: its number, and the wall clock (ms) when the compositor got it. */
export type ShownFrame = { frame: number; atMs: number; mediaTimeS: number; width: number; height: number }

type ClockWindow = { frameClock: { shown: ShownFrame[]; unreadable: number; firstPictureAtMs?: number } }

/** Reads the frame numbers of every video the page will ever show; call before the page is opened. */
export async function installFrameClock(page: Page): Promise<void> {
  const reader = readFileSync(join(import.meta.dirname, 'frame-clock-in-page.js'), 'utf8')
  await page.addInitScript(`const decodeFrameNumber = ${decodeFrameNumber.toString()};\n${reader}`)
}

/** The frames shown so far whose number is whole, oldest first. */
export async function shownFrames(page: Page): Promise<ShownFrame[]> {
  return page.evaluate(() => (globalThis as unknown as ClockWindow).frameClock.shown)
}

/** Forgets the frames shown so far. */
export async function forgetShownFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    ;(globalThis as unknown as ClockWindow).frameClock.shown.length = 0
  })
}

/** Wall clock (ms) of the first picture of any video, marked or not; undefined before. */
export async function firstPictureAtMs(page: Page): Promise<number | undefined> {
  return page.evaluate(() => (globalThis as unknown as ClockWindow).frameClock.firstPictureAtMs)
}
