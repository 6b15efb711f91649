import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clip, type ClipClient, clipClient } from '../helpers/clip-client.ts'
import { creatorClient, publishUrl, type StreamFacts } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { readFrameNumbers, readSamples } from '../helpers/frame-clock-reader.ts'
import { loudnessOf } from '../helpers/loudness-of.ts'
import { markedMedia } from '../helpers/marked-media.ts'
import { findBeeps } from '#shared/media/marked/marked-media-beeps.ts'
import { publishMarked } from '../helpers/marked-media-publisher.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { type SeededRandom, seededRandom } from '../helpers/seeded-random.ts'
import { currentSize, sized } from '../helpers/size.ts'

const FPS = 30
const FRAME_MS = 1000 / FPS
const CLIPS = sized({ test: 4, prove: 50, full: 500 })
const SHOW_S = sized({ test: 24, prove: 90, full: 600 })
/** Program times are whole milliseconds, frames are not: a boundary this close may fall to either side, in frames. */
const TOLERANCE = 0.04
const SYNC_S_MAX = 0.04
const PLAYABLE_MS_MAX = 1_000
const WITHIN = { withinMs: currentSize() === 'test' ? 120_000 : 1_200_000 }

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'showreel-clips-'))
let platform: Platform
let vera: ClipClient
let random: SeededRandom
let stream: StreamFacts
/** Clips made while the show was on, with the time (ms) each took to play. */
const made: { clip: Clip; playableMs: number; cut: number[] }[] = []

beforeAll(async () => {
  random = seededRandom('clips')
  platform = await startPlatform()
  const alice = await creatorClient(platform)
  vera = await clipClient(platform)
  const media = await markedMedia({ width: 640, height: 360, fps: FPS, seconds: SHOW_S })
  const channel = await alice.createChannel({ reconnect_window_s: 1, renditions_max: 1 })
  await using publication = await publishMarked(media, publishUrl(platform, channel))
  stream = await eventually(
    async () => (await alice.liveStream(channel.id)) ?? expect.fail('not live yet'),
    () => undefined,
    WITHIN,
  )
  for (let index = 0; index < CLIPS; index += 1) {
    const sentS = 4 + ((SHOW_S - 6) * (index + random.between(0, 100) / 100)) / CLIPS
    await eventually(
      () => publication.sent(),
      sent => expect(sent).toBeGreaterThan(sentS * FPS),
      WITHIN,
    )
    made.push(await clipNow(index))
  }
  await publication.ended
}, 1_200_000)
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** "Clip that": a range that ends where a viewer is, two seconds behind, or the last seconds there are. */
async function clipNow(index: number) {
  const lengthMs = random.between(1_000, 3_500)
  const body = { stream_id: stream.id, title: `Clip ${index}` }
  const beganMs = performance.now()
  const clip = await vera.clip({ ...body, last_s: lengthMs / 1000 })
  const bytes = await download(clip.playback?.mp4_url)
  const playableMs = performance.now() - beganMs
  return { clip, playableMs, cut: await framesOf(bytes) }
}

async function download(url: string | undefined): Promise<Uint8Array> {
  const response = await fetch(url ?? '')
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

async function framesOf(bytes: Uint8Array): Promise<number[]> {
  return (await readFrameNumbers(fileOf(bytes))).map(({ frame }) => frame ?? -1)
}

function fileOf(bytes: Uint8Array): string {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mp4`)
  writeFileSync(file, bytes)
  return file
}

/** Wall clock (ms) of frame 0, as the recording's first segment has it. */
async function firstFrameMs(): Promise<number> {
  const master = new URL(stream.playback.dvr_url)
  const text = await (await fetch(master)).text()
  const variant = text.split('\n').find(line => line !== '' && !line.startsWith('#')) ?? ''
  const playlist = await (await fetch(new URL(variant, (await fetch(master)).url))).text()
  return Date.parse(/#EXT-X-PROGRAM-DATE-TIME:(\S+)/u.exec(playlist)?.[1] ?? '')
}

async function videoFacts(file: string) {
  const entries = 'stream=width,height,nb_read_packets,duration'
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-count_packets',
    '-show_entries',
    entries,
    '-of',
    'json',
    file,
  ]
  const { streams } = JSON.parse((await run('ffprobe', args)).stdout) as { streams: Record<string, unknown>[] }
  const [facts = {}] = streams
  return {
    width: facts['width'],
    height: facts['height'],
    frames: Number(facts['nb_read_packets']),
    durationS: Number(facts['duration']),
  }
}

test('every clip of a show on the air plays at once, and shows exactly the frames of its range', async () => {
  const zeroMs = (await firstFrameMs()) - Date.parse(stream.started_at ?? '')
  expect(made).toHaveLength(CLIPS)
  for (const { clip, cut } of made) {
    const [first = -1] = cut
    const exactFirst = (clip.start_ms - zeroMs) / FRAME_MS
    const exactEnd = (clip.end_ms - zeroMs) / FRAME_MS
    expect([Math.ceil(exactFirst - TOLERANCE), Math.ceil(exactFirst + TOLERANCE)]).toContain(first)
    expect([Math.ceil(exactEnd - TOLERANCE), Math.ceil(exactEnd + TOLERANCE)]).toContain((cut.at(-1) ?? -1) + 1)
    expect(cut).toEqual(cut.map((_, index) => first + index))
    expect(clip.missing_ms).toBe(0)
  }
  const sorted = made.map(({ playableMs }) => playableMs).sort((a, b) => a - b)
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
  process.stdout.write(
    `clips: playable p50 ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms, p95 ${Math.round(p95)} ms\n`,
  )
  if (currentSize() !== 'test') expect(p95).toBeLessThanOrEqual(PLAYABLE_MS_MAX)
})

test('after its render the same link shows the same frames, as loud as promised, in every shape', async () => {
  await eventually(
    () => vera.mine(),
    clips => expect(clips.filter(({ state }) => state === 'published')).toHaveLength(CLIPS),
    WITHIN,
  )
  for (const { clip, cut } of made) {
    const now = await vera.get(clip.id)
    expect(now.playback?.mp4_url).toBe(clip.playback?.mp4_url)
    const wide = fileOf(await download(now.playback?.mp4_url))
    const frames = (await readFrameNumbers(wide)).map(({ frame }) => frame ?? -1)
    expect(frames).toEqual(cut)
    const { lufs, peakDb } = await loudnessOf(wide)
    expect(Math.abs(lufs + 16), `${lufs} LUFS`).toBeLessThanOrEqual(1)
    expect(peakDb).toBeLessThanOrEqual(-1.4)
    await expectInSync(wide, frames)
    const durationS = cut.length / FPS
    for (const [url, width, height] of [
      [now.playback?.mp4_url, 640, 360],
      [now.playback?.vertical_url, 202, 360],
      [now.playback?.square_url, 360, 360],
    ] as const) {
      const facts = await videoFacts(fileOf(await download(url)))
      expect(facts).toMatchObject({ width, height, frames: cut.length })
      expect(Math.abs(facts.durationS - durationS)).toBeLessThan(FRAME_MS / 1000)
    }
    expect((await download(now.playback?.poster_url)).length).toBeGreaterThan(1_000)
    expect(new TextDecoder().decode(await download(now.playback?.storyboard_url))).toMatch(/^WEBVTT/u)
  }
}, 1_200_000)

/** A beep begins with every whole second of marked media, where its frame is shown. */
async function expectInSync(file: string, frames: readonly number[]): Promise<void> {
  const beeps = findBeeps(await readSamples(file))
  const [first = 0] = frames
  for (const { atS } of beeps) {
    const second = Math.round(atS + first / FPS)
    const shownS = second - first / FPS
    if (shownS < 0.1) continue
    expect(Math.abs(atS - shownS), `the beep of second ${second}`).toBeLessThan(SYNC_S_MAX)
  }
}

test('a published clip is found in the feed, newest first, and by its words', async () => {
  const { data } = await vera.feed()
  const clips = data.filter(({ kind }) => kind === 'clip')
  expect(clips.length).toBeGreaterThan(0)
  expect(clips.every(({ playback }) => playback.vertical_url !== undefined)).toBe(true)
  const found = await eventually(
    async () => (await (await vera.send('GET', '/v1/search?q=clip%200')).json()) as { data: { title: string }[] },
    answer => expect(answer.data.map(({ title }) => title)).toContain('Clip 0'),
    WITHIN,
  )
  expect(found.data.every(({ title }) => title.startsWith('Clip'))).toBe(true)
})
