import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EncoderQueue } from './encoder-queue.ts'
import { GopCache } from './gop-cache.ts'
import type { LadderTag } from './ladder-tag.ts'

const forever = new AbortController().signal

function tag(role: LadderTag['role'], mediaMs: number, bytes = 10): LadderTag {
  const kind = role === 'audio' || role === 'audio-configuration' ? 'audio' : 'video'
  return { tag: { kind, timestampMs: mediaMs, body: new Uint8Array(bytes) }, mediaMs, atMs: mediaMs, role }
}

/** Seconds of 10 fps video with a key frame every `gop` frames, sound between, configuration first. */
function show(seconds: number, gop: number): LadderTag[] {
  const frames = Array.from({ length: seconds * 10 }, (_, index) => [
    tag(index % gop === 0 ? 'key' : 'frame', index * 100),
    tag('audio', index * 100 + 50),
  ])
  return [tag('video-configuration', 0), tag('audio-configuration', 0), ...frames.flat()]
}

async function drain(queue: EncoderQueue): Promise<LadderTag[]> {
  queue.close()
  const tags: LadderTag[] = []
  for (;;) {
    const next = await queue.next(forever)
    if (!next) return tags
    tags.push(next)
  }
}

test('within its bounds the queue gives everything in order', async () => {
  const queue = new EncoderQueue({ ms: 5_000, bytes: 1e6 })
  const tags = show(3, 10)
  for (const each of tags) queue.push(each)
  expect(await drain(queue)).toEqual(tags)
  expect(queue.droppedGops).toBe(0)
})

test('beyond them whole groups go, the newest key frame stays and the configuration comes before it', async () => {
  const queue = new EncoderQueue({ ms: 2_500, bytes: 1e6 })
  for (const each of show(6, 10)) queue.push(each)
  const left = await drain(queue)
  expect(queue.droppedGops).toBeGreaterThanOrEqual(2)
  expect(left.map(each => each.role).slice(0, 3)).toEqual(['video-configuration', 'audio-configuration', 'key'])
  expect(left.at(-1)?.mediaMs).toBe(5_950)
})

test('a group longer than the bounds is left out until the next key frame', async () => {
  const queue = new EncoderQueue({ ms: 1_000, bytes: 1e6 })
  for (const each of show(4, 30)) queue.push(each)
  const left = await drain(queue)
  const media = left.filter(each => each.role !== 'video-configuration' && each.role !== 'audio-configuration')
  expect(media[0]).toMatchObject({ role: 'key', mediaMs: 3_000 })
})

test('whatever is pushed, what waits stays within the bounds and every kept group starts with its key frame', () => {
  const role = fc.constantFrom('key' as const, 'frame' as const, 'frame' as const, 'audio' as const)
  fc.assert(
    fc.property(fc.array(fc.tuple(role, fc.integer({ min: 1, max: 400 })), { maxLength: 200 }), steps => {
      const queue = new EncoderQueue({ ms: 1_000, bytes: 2_000 })
      let at = 0
      for (const [each, step] of steps) {
        at += step
        queue.push(tag(each, at, step))
        expect(queue.waitingMs).toBeLessThanOrEqual(1_000)
      }
    }),
  )
})

test('the cache replays from the newest key frame, configuration first', () => {
  const cache = new GopCache({ ms: 5_000, bytes: 1e6 })
  for (const each of show(3, 10)) cache.add(each)
  const replay = cache.replay()
  expect(replay.map(each => each.role).slice(0, 3)).toEqual(['video-configuration', 'audio-configuration', 'key'])
  expect(replay[2]?.mediaMs).toBe(2_000)
  expect(replay).toHaveLength(2 + 20)
})

test('a group beyond the cache is not kept at all, the next one is', () => {
  const cache = new GopCache({ ms: 1_500, bytes: 1e6 })
  for (const each of show(4, 30).slice(0, -20)) cache.add(each)
  expect(cache.replay()).toEqual([])
  for (const each of show(4, 30).slice(-20)) cache.add(each)
  expect(cache.replay()[2]).toMatchObject({ role: 'key', mediaMs: 3_000 })
})
