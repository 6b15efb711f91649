import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLIP_PRESETS } from '#shared/domain/clip.ts'
import { clipFrames, posterFrame } from './clip-frame.ts'

const sizes = (width: number, height: number) =>
  Object.fromEntries(clipFrames({ width, height }, []).map(({ name, size }) => [name, `${size.width}x${size.height}`]))

test.each([
  [1280, 720, { wide: '1280x720', vertical: '404x720', square: '720x720' }],
  [1920, 1080, { wide: '1920x1080', vertical: '606x1080', square: '1080x1080' }],
  [320, 180, { wide: '320x180', vertical: '100x180', square: '180x180' }],
  [854, 480, { wide: '854x480', vertical: '270x480', square: '480x480' }],
  [3840, 2160, { wide: '1920x1080', vertical: '1078x1920', square: '1080x1080' }],
  [853, 481, { wide: '852x480', vertical: '270x480', square: '480x480' }],
])('shapes of a source of %i x %i', (width, height, expected) => {
  expect(sizes(width, height)).toEqual(expected)
})

test('nothing of a portrait source is lost in its wider shapes', () => {
  const [wide, vertical, square] = clipFrames({ width: 720, height: 1280 }, [])
  expect(vertical?.region).toEqual({ shape: 'vertical' })
  expect(square?.region.pad).toEqual({ width: 1280, height: 1280 })
  expect(wide?.size).toEqual({ width: 1918, height: 1080 })
})

test('a poster has the wide shape, as large as a page shows it', () => {
  const posterSize = (width: number, height: number) => posterFrame({ width, height }).size
  expect(posterSize(1920, 1080)).toEqual({ width: 1280, height: 720 })
  expect(posterSize(320, 180)).toEqual({ width: 320, height: 180 })
  expect(posterSize(720, 1280)).toEqual({ width: 1280, height: 720 })
})

test('presets have the size that platforms take, whatever the source', () => {
  const presets = clipFrames({ width: 320, height: 180 }, CLIP_PRESETS).slice(3)
  expect(presets).toMatchObject([
    { name: 'shorts', size: { width: 1080, height: 1920 }, longestS: 60 },
    { name: 'story', size: { width: 720, height: 1280 }, longestS: 60 },
    { name: 'square-post', size: { width: 1080, height: 1080 } },
  ])
})

test('any source gives even sizes that are cut from inside it and never larger than it', () => {
  const pixels = fc.integer({ min: 16, max: 4096 })
  fc.assert(
    fc.property(pixels, pixels, (width, height) => {
      for (const { region, size } of clipFrames({ width, height }, [])) {
        for (const side of [size.width, size.height, ...Object.values(region.crop ?? {})]) expect(side % 2).toBe(0)
        expect(Math.min(size.width, size.height)).toBeLessThanOrEqual(1080)
        expect(size.height).toBeLessThanOrEqual(height)
        if (region.crop === undefined) continue
        expect(region.crop.width).toBeLessThanOrEqual(width)
        expect(region.crop.height).toBeLessThanOrEqual(height)
      }
    }),
  )
})
