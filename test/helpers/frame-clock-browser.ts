import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { findProgram } from '#local/provision.ts'

/** A Chromium with a profile of its own; both are gone on dispose. */
export type TestBrowser = AsyncDisposable & {
  readonly context: BrowserContext
  /** A new page; what it logs and throws is kept for messages. */
  page(): Promise<Page & { said(): string }>
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

export type TestBrowserOptions = { width?: number; height?: number; args?: readonly string[] }

/** Starts the system's Chromium with a fresh profile. */
export async function testBrowser(options: TestBrowserOptions = {}): Promise<TestBrowser> {
  const executablePath = findProgram('chromium')
  if (executablePath === undefined) throw new Error('Chromium is absent; `npm test` installs it where it may.')
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...FLAGS, ...(options.args ?? [])],
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
  })
  return {
    context,
    page: async () => {
      const page = await context.newPage()
      const lines: string[] = []
      page.on('console', message => lines.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', error => lines.push(`thrown: ${error.message}`))
      page.on('requestfailed', request => lines.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`))
      return Object.assign(page, { said: () => lines.slice(-200).join('\n') })
    },
    [Symbol.asyncDispose]: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
