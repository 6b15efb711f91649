import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import type { BrowserContext, Page } from 'playwright-core'

/** A page that remembers what went wrong on it. */
export type Screen = { page: Page; wrongs: string[] }

/** Sums up how much of the page jumped without being asked to. */
const MEASURE_SHIFT = `
  globalThis.layoutShift = 0
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.layoutShift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })`

const MEASURE_FIT = `({
  sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  small: [...document.querySelectorAll('button, a.button, select, summary, input:not([type])')]
    .filter(element => element.offsetParent !== null)
    .filter(element => element.getBoundingClientRect().height > 0 && element.getBoundingClientRect().height < 43.5)
    .map(element => element.outerHTML.slice(0, 100)),
})`

/** What fades in has its colours only when it has come. */
const SETTLED = `Promise.allSettled(
  document.getAnimations()
    .filter(animation => animation.effect.getTiming().iterations !== Infinity)
    .map(animation => animation.finished))`

const VIDEO_STATE = `(({ paused, muted, volume, readyState, currentTime, videoHeight }) =>
  ({ paused, muted, volume, readyState, currentTime, videoHeight }))(document.querySelector('video'))`

/** Opens a new page that notes script errors, refused resources and broken policies, and sums up layout shift. */
export async function openScreen(context: BrowserContext): Promise<Screen> {
  const page = await context.newPage()
  const wrongs: string[] = []
  page.on('pageerror', error => wrongs.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error') wrongs.push(message.text())
  })
  await page.addInitScript(MEASURE_SHIFT)
  return { page, wrongs }
}

/** What axe finds on the page: a line per rule, empty when all is well. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(SETTLED)
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 160)).join(' | ')}`)
}

/** Fails when the page scrolls sideways or anything pressed with a finger is less than 44 px high. */
export async function expectFits(page: Page): Promise<void> {
  expect(await page.evaluate(MEASURE_FIT)).toEqual({ sideways: 0, small: [] })
}

/** How much of the page has jumped so far, as the browser scores it. */
export async function layoutShift(page: Page): Promise<number> {
  return await page.evaluate('globalThis.layoutShift')
}

export type VideoState = {
  paused: boolean
  muted: boolean
  volume: number
  readyState: number
  currentTime: number
  videoHeight: number
}

/** The first video of the page. */
export async function videoState(page: Page): Promise<VideoState> {
  return await page.evaluate(VIDEO_STATE)
}

/** Longest wait for something the player does by itself, in ms: it plays out what it has first, on a machine that is busy. */
const PLAYER_MS_MAX = 45_000

/** Waits until an assertion holds. */
export async function holds(assertion: () => unknown): Promise<void> {
  await eventually(
    async () => {
      await assertion()
      return true
    },
    undefined,
    { withinMs: PLAYER_MS_MAX },
  )
}
