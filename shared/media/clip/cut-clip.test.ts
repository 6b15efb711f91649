import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFrameNumbers, readSamples as readSound } from '#test/helpers/frame-clock-reader.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { findBeeps } from '#shared/media/marked/marked-media-beeps.ts'
import { BoxSplitter, concatBytes } from '../isobmff/box-splitter.ts'
import { readSamples } from '../isobmff/chunk-samples.ts'
import { readTrackHeader, sampleEntryOf } from '../isobmff/track-header.ts'
import { cutClip, type CutRun, type CutSource } from './cut-clip.ts'

const FPS = 30
const FRAME_MS = 1000 / FPS
const SECONDS = 8
const ZERO_MS = Date.UTC(2026, 10, 21, 18)
const BYTES_MAX = 64 * 1024 * 1024

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'showreel-cut-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let whole: CutRun
let other: CutRun
beforeAll(async () => {
  whole = await encoded(320, 180)
  other = await encoded(480, 270)
}, 120_000)

async function encoded(width: number, height: number): Promise<CutRun> {
  const { path } = await markedMedia({ fps: FPS, seconds: SECONDS, width, height })
  const [video, audio] = await Promise.all([track(path, 'v'), track(path, 'a')])
  return { zeroAtMs: ZERO_MS, video, audio }
}

async function track(path: string, kind: 'v' | 'a'): Promise<CutSource> {
  const file = join(folder, `${kind}-${Math.random().toString(36).slice(2)}.mp4`)
  const cmaf = ['-movflags', '+cmaf+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '200000']
  const map = ['-map', `0:${kind}:0`, '-c', 'copy', '-video_track_timescale', '90000']
  await run('ffmpeg', ['-v', 'error', '-i', path, ...map, ...cmaf, '-f', 'mp4', file])
  const boxes = new BoxSplitter(BYTES_MAX).push(readFileSync(file))
  const init = concatBytes(boxes.filter(({ type }) => type === 'ftyp' || type === 'moov').map(({ bytes }) => bytes))
  const moov = boxes.find(({ type }) => type === 'moov')?.bytes ?? new Uint8Array()
  const header = readTrackHeader(moov)
  const media = concatBytes(boxes.filter(({ type }) => type === 'moof' || type === 'mdat').map(({ bytes }) => bytes))
  return { header, sampleEntry: sampleEntryOf(init), samples: readSamples(media, header) }
}

/** The part of a run between two media times (s), as an encoder that was stopped and started leaves it. */
function between(source: CutRun, fromS: number, toS: number, zeroAtMs = source.zeroAtMs): CutRun {
  const part = (from: CutSource): CutSource => ({
    ...from,
    samples: from.samples.filter(({ time }) => {
      const atS = time / from.header.timescale
      return atS >= fromS - 0.001 && atS < toS - 0.001
    }),
  })
  return { zeroAtMs, video: part(source.video), audio: source.audio && part(source.audio) }
}

async function shown(runs: readonly CutRun[], fromMs: number, toMs: number) {
  const cut = cutClip(runs, { startMs: ZERO_MS + fromMs, endMs: ZERO_MS + toMs })
  if (cut === undefined) throw new Error('There is nothing in the range.')
  const file = join(folder, `clip-${fromMs}-${toMs}-${Math.random().toString(36).slice(2)}.mp4`)
  writeFileSync(file, concatBytes(cut.pieces))
  return { cut, file, frames: await readFrameNumbers(file) }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test.each([
  [0, 2_000],
  [1_000, 3_500],
  [1_234, 4_321],
  [2_033, 2_100],
  [5_967, 7_000],
])('the first and the last frame of a cut from %i ms to %i ms are exact', async (fromMs, toMs) => {
  const { cut, frames } = await shown([whole], fromMs, toMs)
  const first = Math.ceil((fromMs - 0.6) / FRAME_MS)
  const end = Math.ceil((toMs - 0.6) / FRAME_MS)
  expect(frames.map(({ frame }) => frame)).toEqual(numbers(first, end))
  expect(cut.frames).toBe(end - first)
  // The source was written in whole milliseconds.
  expect(Math.abs(cut.durationMs - (end - first) * FRAME_MS)).toBeLessThan(1)
  expect(frames[0]?.ptsS).toBeCloseTo(0, 3)
})

test('sound stays with its picture: beeps begin on their second within 40 ms', async () => {
  const { file } = await shown([whole], 1_500, 5_500)
  const beeps = findBeeps(await readSound(file))
  expect(beeps.map(({ atS }) => Math.round(atS * 10) / 10)).toEqual([0.5, 1.5, 2.5, 3.5])
  for (const [index, { atS }] of beeps.entries()) expect(Math.abs(atS - 0.5 - index)).toBeLessThan(0.04)
})

test('a cut across a reconnect has no hole, and sound is right on both sides', async () => {
  const before = between(whole, 0, 3)
  const after = between(whole, 4, 8, ZERO_MS + 5_000)
  const { cut, frames, file } = await shown([before, after], 2_000, 11_000)
  expect(frames.map(({ frame }) => frame)).toEqual([...numbers(60, 90), ...numbers(120, 180)])
  expect(cut.durationMs).toBeCloseTo(3_000, 0)
  const gaps = frames.slice(1).map(({ ptsS }, index) => ptsS - (frames[index]?.ptsS ?? 0))
  expect(Math.max(...gaps)).toBeLessThan(0.05)
  const beeps = findBeeps(await readSound(file))
  expect(beeps.length).toBe(3)
  for (const [index, { atS }] of beeps.entries()) expect(Math.abs(atS - index)).toBeLessThan(0.04)
})

test('a publisher that comes back with another size is followed', async () => {
  const after = between(other, 4, 8, ZERO_MS + 1_000)
  const { frames } = await shown([between(whole, 0, 3), after], 2_000, 6_000)
  expect(frames.map(({ frame }) => frame)).toEqual([...numbers(60, 90), ...numbers(120, 150)])
})

test('a range in which no frame begins gives nothing', () => {
  expect(cutClip([whole], { startMs: ZERO_MS - 5_000, endMs: ZERO_MS })).toBeUndefined()
  expect(cutClip([whole], { startMs: ZERO_MS + 1_001, endMs: ZERO_MS + 1_002 })).toBeUndefined()
  expect(cutClip([], { startMs: ZERO_MS, endMs: ZERO_MS + 1_000 })).toBeUndefined()
})
