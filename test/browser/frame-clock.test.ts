import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import { FRAME_NUMBERS, decodeFrameNumber, encodeFrameNumber } from '#shared/media/marked/frame-clock.ts'
import { readFrameNumbers, readSamples } from '../helpers/frame-clock-reader.ts'
import { findBeeps } from '#shared/media/marked/marked-media-beeps.ts'
import { markedMedia } from '../helpers/marked-media.ts'

test('a frame number survives dimming, noise below a quarter of the contrast, and nothing else', () => {
  const frames = fc.integer({ min: 0, max: FRAME_NUMBERS - 1 })
  const noise = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(frames, noise, (frame, offsets) => {
      const levels = [...encodeFrameNumber(frame)].map((level, column) => 40 + level * 0.6 + (offsets[column] ?? 0))
      expect(decodeFrameNumber(levels)).toBe(frame)
    }),
  )
  expect(decodeFrameNumber(new Uint8Array(32).fill(128))).toBeUndefined()
})

test('two neighbouring frames blended into one are no frame', () => {
  const seen = Array.from({ length: 2_000 }, (_, frame) => {
    const [a, b] = [encodeFrameNumber(frame), encodeFrameNumber(frame + 1)]
    return decodeFrameNumber(a.map((level, column) => (level * 0.7 + (b[column] ?? 0) * 0.3 > 128 ? 255 : 0)))
  })
  // A blend leans to one of its frames or is refused; it is never a third.
  expect(seen.every((frame, index) => frame === undefined || frame === index || frame === index + 1)).toBe(true)
})

test('marked media carries every frame number once and every beep on its second, also at a low bit rate', async () => {
  const media = await markedMedia({ width: 320, height: 180, fps: 25, seconds: 4 })
  expect(media.frames).toBe(100)
  const videoTags = media.tags.filter(tag => tag.kind === 'video' && readVideoTag(tag.body)?.packet === 'frame')
  expect(videoTags.map(tag => media.frameAt(tag.timestampMs))).toEqual(Array.from({ length: 100 }, (_, n) => n))

  const folder = mkdtempSync(join(tmpdir(), 'marked-'))
  try {
    const file = join(folder, 'low.mp4')
    const rendition = [
      '-fps_mode',
      'passthrough',
      '-vf',
      'scale=256:144',
      '-c:v',
      'libx264',
      '-preset',
      'superfast',
      '-b:v',
      '150k',
    ]
    execFileSync('ffmpeg', ['-loglevel', 'error', '-i', media.path, ...rendition, '-c:a', 'aac', '-b:a', '64k', file])
    const read = await readFrameNumbers(file)
    expect(read.map(({ frame }) => frame)).toEqual(Array.from({ length: 100 }, (_, n) => n))

    const beeps = findBeeps(await readSamples(file))
    expect(beeps.map(({ pitch }) => pitch)).toEqual(beeps.map(({ atS }) => Math.round(atS) % 8))
    expect(beeps.length).toBeGreaterThanOrEqual(3)
    for (const { atS } of beeps) {
      const frame = read.find(({ ptsS }) => ptsS >= Math.round(atS) - 0.02)
      expect(Math.abs(atS - (frame?.ptsS ?? 0))).toBeLessThan(0.04)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
