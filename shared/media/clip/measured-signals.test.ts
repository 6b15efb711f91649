import { expect, test } from 'vitest'
import { GRAY_HEIGHT, GRAY_WIDTH } from './gray-pictures.ts'
import { momentaryLoudness, motionOf } from './measured-signals.ts'

const line = (index: number, lufs: string) =>
  `frame:${index}    pts:${index * 4_800}   pts_time:${index / 10}\nlavfi.r128.M=${lufs}\n`

test('each value is the loudest moment of its stretch; silence, gaps and nonsense are -70', () => {
  const text = [line(0, '-120.691'), line(3, '-30.04'), line(5, '-22.26'), line(6, '-41'), line(12, 'nan')].join('')
  expect(momentaryLoudness(text, 2, 4)).toEqual([-22.3, -41, -70, -70])
  expect(momentaryLoudness('', 2, 3)).toEqual([-70, -70, -70])
  expect(momentaryLoudness(line(900, '-10'), 2, 2)).toEqual([-70, -70])
})

test('a cut changes all of the picture, a still nothing, and what is missing counts as still', () => {
  const gray = (level: number) => new Uint8Array(GRAY_WIDTH * GRAY_HEIGHT).fill(level)
  const half = gray(10).fill(200, 0, (GRAY_WIDTH * GRAY_HEIGHT) / 2)
  expect(motionOf([gray(10), gray(12), half, gray(10), gray(240)], 6)).toEqual([0, 0, 0.5, 0.5, 1, 0])
  expect(motionOf([], 2)).toEqual([0, 0])
})
