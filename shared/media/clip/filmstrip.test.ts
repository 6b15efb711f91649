import { expect, test } from 'vitest'
import { GRAY_HEIGHT, GRAY_WIDTH } from './gray-pictures.ts'
import { clipFilmstrip } from './filmstrip.ts'
import { jpegSize } from './jpeg-size.ts'
import { posterTime } from './poster-time.ts'
import { storyboardVtt } from './storyboard-vtt.ts'

const WIDE = { width: 1280, height: 720 }

test.each([
  [1, 1, 1],
  [5.97, 5, 1.194],
  [20, 20, 1],
  [120, 20, 6],
])('a clip of %d s has %i pictures, one every %d s', (durationS, frames, everyS) => {
  const strip = clipFilmstrip({ ...WIDE, durationS })
  expect(strip).toMatchObject({ frames, columns: Math.min(5, frames), width: 160, height: 90 })
  expect(strip.everyS).toBeCloseTo(everyS, 6)
  expect(strip.rows * strip.columns).toBeGreaterThanOrEqual(frames)
})

test('the storyboard names each picture of the sheet for its own time, to the end of the clip', () => {
  const text = storyboardVtt(clipFilmstrip({ ...WIDE, durationS: 7.2 }), 7.2, '../v1/filmstrip.jpg')
  expect(text.startsWith('WEBVTT\n\n00:00:00.000 --> 00:00:01.029\n../v1/filmstrip.jpg#xywh=0,0,160,90\n')).toBe(true)
  expect(text).toContain('00:00:05.143 --> 00:00:06.171\n../v1/filmstrip.jpg#xywh=0,90,160,90\n')
  expect(text.endsWith('00:00:06.171 --> 00:00:07.200\n../v1/filmstrip.jpg#xywh=160,90,160,90\n')).toBe(true)
})

test('a poster is rich in contrast and not in the middle of a change', () => {
  const length = GRAY_WIDTH * GRAY_HEIGHT
  const black = new Uint8Array(length)
  const faint = Uint8Array.from({ length }, (_, index) => (index % 2) * 40)
  const rich = Uint8Array.from({ length }, (_, index) => (index % 2) * 220)
  expect(posterTime([])).toBe(0)
  expect(posterTime([black, faint, rich, rich])).toBeCloseTo(0.6)
  expect(posterTime([faint, black, rich])).toBe(0)
})

test('the size of a JPEG is read, and nothing of what only begins like one', () => {
  const frame = [0xff, 0xc0, 0, 17, 8, 0, 90, 3, 32, 3]
  const whole = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...frame, 0, 0, 0xff, 0xd9])
  expect(jpegSize(whole)).toEqual({ width: 800, height: 90 })
  expect(jpegSize(whole.subarray(0, -2))).toBeUndefined()
  expect(jpegSize(Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xd9]))).toBeUndefined()
  expect(jpegSize(new Uint8Array())).toBeUndefined()
})
