import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { BrowserContext } from 'playwright-core'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

/** The phone and the desk that every screen is made for. */
export const VIEWPORTS = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } } as const

/** A browser of the system with a new profile, at one of the two sizes. */
export async function openChromium(
  size: keyof typeof VIEWPORTS,
  options: { motion?: 'reduce' } = {},
): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(await mkdtemp(join(tmpdir(), 'chromium-')), {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: ARGS,
    viewport: VIEWPORTS[size],
    locale: 'en-US',
    ...(size === 'phone' ? { hasTouch: true, isMobile: true } : {}),
    ...(options.motion === undefined ? {} : { reducedMotion: options.motion }),
  })
}
