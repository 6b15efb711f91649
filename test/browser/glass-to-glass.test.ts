import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { creatorClient, type CreatorClient, publishUrl, type StreamFacts } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { type TestBrowser, testBrowser } from '../helpers/frame-clock-browser.ts'
import { glassToGlassMs } from '../helpers/frame-clock-latency.ts'
import { forgetShownFrames, installFrameClock, shownFrames } from '../helpers/frame-clock-page.ts'
import { type PlayerPages, playerPages } from '../helpers/frame-clock-player.ts'
import { shapedProxy } from '../helpers/frame-clock-proxy.ts'
import { readFrameNumbers } from '../helpers/frame-clock-reader.ts'
import { markedMedia } from '../helpers/marked-media.ts'
import { type MarkedPublication, publishMarked } from '../helpers/marked-media-publisher.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'

const FPS = 30
/** Long enough for every test that needs the show on the air. */
const SHOW_S = 75
/** No live show is this far behind however busy the machine is, in ms; what is measured is the bench's business. */
const BEHIND_MS_MAX = 20_000
/** Frames read for one look at a player. */
const FRAMES_LOOKED_AT = 60
const SLOW = { withinMs: 60_000 }
/** A viewer's line that carries the lowest rung alone, in bytes a second. */
const NARROW_BYTES_PER_S = 150_000

const parts = new AsyncDisposableStack()
let platform: Platform
let client: CreatorClient
let stream: StreamFacts
let publication: MarkedPublication
let browser: TestBrowser
let pages: PlayerPages

beforeAll(async () => {
  const media = await markedMedia({ fps: FPS, seconds: SHOW_S })
  platform = parts.use(await startPlatform())
  browser = parts.use(await testBrowser())
  pages = parts.use(await playerPages())
  client = await creatorClient(platform)
  const channel = await client.createChannel({ title: 'Marked', reconnect_window_s: 1 })
  publication = parts.use(await publishMarked(media, publishUrl(platform, channel)))
  stream = await eventually(
    async () => client.liveStream(channel.id),
    live => {
      if (live === undefined) throw new Error('The show is not live.')
    },
    SLOW,
  ).then(live => live as StreamFacts)
}, 180_000)

afterAll(() => parts.disposeAsync())

async function open(url: string): Promise<Page & { said(): string }> {
  const page = await browser.page()
  await installFrameClock(page)
  await page.goto(url)
  return page
}

/** Waits for enough frames and gives them; a page that shows nothing says why. */
async function framesShown(page: Page & { said(): string }, count: number) {
  return eventually(
    () => shownFrames(page),
    frames => expect(frames.length, page.said()).toBeGreaterThanOrEqual(count),
    SLOW,
  )
}

test.each(['hls', 'dash'] as const)(
  '%s.js shows the frames of a live show in order, not long after they were sent',
  async library => {
    const { hls_url: hls, dash_url: dash = '' } = stream.playback
    const page = await open(library === 'hls' ? pages.hls(hls) : pages.dash(dash))
    const frames = await framesShown(page, FRAMES_LOOKED_AT)
    await page.close()
    const numbers = frames.map(({ frame }) => frame)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    const behind = glassToGlassMs(frames, publication).sort((a, b) => a - b)
    expect(behind.length).toBe(frames.length)
    const [least = 0, middle = 0] = [behind[0], behind[Math.floor(behind.length / 2)]]
    process.stdout.write(`glass to glass, ${library}.js: p50 ${middle} ms over ${behind.length} frames\n`)
    expect(least).toBeGreaterThan(0)
    expect(middle).toBeLessThan(BEHIND_MS_MAX)
  },
)

test('hls.js goes down a rung when the line narrows and up again when it widens', async () => {
  await using proxy = await shapedProxy(platform.mediaUrl)
  const page = await open(pages.hls(proxy.through(stream.playback.hls_url)))
  const shows = async (fits: (height: number) => boolean) => {
    await forgetShownFrames(page)
    await eventually(
      async () => (await shownFrames(page)).at(-1)?.height ?? 0,
      height => expect(fits(height), `${height} high\n${page.said()}`).toBe(true),
      SLOW,
    )
  }
  await shows(height => height === 720)
  proxy.limit(NARROW_BYTES_PER_S)
  await shows(height => height > 0 && height < 720)
  proxy.limit(undefined)
  await shows(height => height === 720)
  await page.close()
})

const run = promisify(execFile)

async function probedHeights(url: string): Promise<number[]> {
  const entries = ['-show_entries', 'stream=codec_name,height', '-of', 'json']
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, url], { timeout: 60_000 })
  const { streams } = JSON.parse(stdout) as { streams: { codec_name: string; height?: number }[] }
  expect(streams.some(({ codec_name: codec }) => codec === 'aac')).toBe(true)
  return streams
    .flatMap(({ codec_name: codec, height }) => (codec === 'h264' ? (height ?? 0) : []))
    .sort((a, b) => a - b)
}

test('ffprobe reads the live and the DVR playlists, every rung of them', async () => {
  expect(await probedHeights(stream.playback.hls_url)).toEqual([360, 480, 720])
  expect(await probedHeights(stream.playback.dvr_url)).toEqual([360, 480, 720])
})

test('the archive holds every frame once, in order, and ffprobe reads it', async () => {
  await publication.stop()
  const sent = publication.sent()
  await client.complete(stream.id)
  const archived = await eventually(
    () => client.stream(stream.id),
    ({ state }) => expect(state).toBe('archived'),
    SLOW,
  )
  expect(await probedHeights(archived.playback.hls_url)).toEqual([360, 480, 720])

  const master = await (await fetch(archived.playback.hls_url)).text()
  const lowest =
    master
      .split('\n')
      .filter(line => line.endsWith('.m3u8'))
      .at(-1) ?? ''
  const read = await readFrameNumbers(new URL(lowest, archived.playback.hls_url).href)
  const numbers = read.map(({ frame }) => frame ?? Number.NaN)
  expect(numbers).toEqual(Array.from(numbers, (_, index) => (numbers[0] ?? 0) + index))
  // The encoder may take a frame or two to find its clock, and loses none at the end.
  expect(numbers[0]).toBeLessThanOrEqual(2)
  expect(numbers.at(-1)).toBeGreaterThanOrEqual(sent - 1 - FPS)
})
