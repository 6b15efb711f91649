import { expect, test } from 'vitest'
import { flvLoop } from './flv-loop.ts'
import type { FlvTag } from './flv-tag.ts'

const configuration: FlvTag = { kind: 'video', timestampMs: 0, body: Uint8Array.of(0x17, 0, 0, 0, 0) }
const frame = (timestampMs: number, isKey = false): FlvTag => ({
  kind: 'video',
  timestampMs,
  body: Uint8Array.of(isKey ? 0x17 : 0x27, 1, 0, 0, 0),
})

test('rounds follow each other one frame apart and the configuration comes once', () => {
  const looped = [...flvLoop([configuration, frame(100, true), frame(140), frame(180)], 3)]
  expect(looped.map(tag => tag.timestampMs)).toEqual([0, 0, 40, 80, 120, 160, 200, 240, 280, 320])
  expect(looped.filter(tag => tag.body[1] === 0)).toHaveLength(1)
})

test('timestamps wrap at 2^32 as FLV has them', () => {
  const day = 86_400_000
  const last = [...flvLoop([frame(0, true), frame(day), frame(2 * day)], 20)].at(-1)
  expect(last?.timestampMs).toBeLessThan(2 ** 32)
})
