import { expect, test } from 'vitest'
import { STILL_MS_MAX, unstickLive } from './unstick-live.ts'

const PLAYING = { paused: false, ended: false, seeking: false }

test('a show that stands still while its edge moves on is put to the edge, once', () => {
  const look = unstickLive()
  expect(look({ ...PLAYING, currentTime: 10 }, 11, 0)).toBeUndefined()
  expect(look({ ...PLAYING, currentTime: 10 }, 13, STILL_MS_MAX - 1)).toBeUndefined()
  expect(look({ ...PLAYING, currentTime: 10 }, 15, STILL_MS_MAX)).toBe(15)
  expect(look({ ...PLAYING, currentTime: 15 }, 16, STILL_MS_MAX + 1000)).toBeUndefined()
})

test('playing, paused, seeking and waiting for the publisher are no stall', () => {
  const look = unstickLive()
  for (let second = 0; second < 20; second += 1) {
    const nowMs = second * 1000
    expect(look({ ...PLAYING, currentTime: second }, second + 1, nowMs)).toBeUndefined()
  }
  const paused = unstickLive()
  for (let second = 0; second < 20; second += 1) {
    expect(paused({ ...PLAYING, paused: true, currentTime: 5 }, 6 + second, second * 1000)).toBeUndefined()
  }
  const away = unstickLive()
  for (let second = 0; second < 20; second += 1) {
    expect(away({ ...PLAYING, currentTime: 5 }, 6, second * 1000)).toBeUndefined()
  }
})
