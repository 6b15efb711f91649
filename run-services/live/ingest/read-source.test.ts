import { expect, test } from 'vitest'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { flvClip } from '../../../test/helpers/flv-clip.ts'
import { readSource, type RejectedSource, type Source } from './read-source.ts'

const now = (): number => 1_700_000_000_000

async function* given(tags: readonly FlvTag[], open = false): AsyncGenerator<FlvTag> {
  yield* tags
  if (open) await new Promise(() => undefined)
}

function read(
  tags: readonly FlvTag[],
  options: { open?: boolean; noVideoMs?: number } = {},
): Promise<Source | RejectedSource> {
  return readSource(given(tags, options.open ?? true), { now, noVideoMs: options.noVideoMs ?? 10_000 })
}

test.each([
  ['24', 24],
  ['25', 25],
  ['30000/1001', 30_000 / 1001],
  ['60', 60],
])('a source at %s fps is measured', async (fps, expected) => {
  const source = await read(await flvClip({ fps, seconds: 1, gop: 30 }))
  expect(source).toMatchObject({
    kind: 'source',
    facts: {
      video: { codec: 'h264', width: 320, height: 180 },
      audio: { codec: 'aac', sample_rate: 48_000, channels: 2 },
    },
  })
  expect(source.kind === 'source' ? source.facts.video.fps : 0).toBeCloseTo(expected, 2)
})

test('no tag from the first key frame on is lost between the facts and the encoder', async () => {
  const tags = await flvClip({ seconds: 1 })
  const source = await read(tags, { open: false })
  const seen: FlvTag[] = []
  if (source.kind === 'source') for await (const tag of source.tags) seen.push(tag)
  const firstKey = tags.findIndex(tag => tag.kind === 'video' && tag.body[1] === 1)
  const expected = tags.filter((tag, index) => index >= firstKey || (tag.kind !== 'script' && tag.body[1] === 0))
  const brief = (each: readonly FlvTag[]): unknown =>
    each.map(({ kind, timestampMs, body }) => [kind, timestampMs, body[1]])
  expect(brief(seen)).toEqual(brief(expected))
})

test('frames before the first key frame are left out, its configuration is not', async () => {
  const tags = await flvClip({ seconds: 2, gop: 15, sound: false })
  const configuration = tags.filter(tag => tag.body[1] === 0)
  const source = await read([...configuration, ...tags.filter(tag => tag.body[1] === 1).slice(5)])
  expect(source.kind).toBe('source')
  if (source.kind !== 'source') return
  const head: number[][] = []
  for await (const tag of source.tags) {
    head.push([...tag.body.subarray(0, 2)])
    if (head.length === 2) break
  }
  expect(head).toEqual([
    [0x17, 0],
    [0x17, 1],
  ])
})

test('a source without sound has none, and does not wait for it', async () => {
  const source = await read(await flvClip({ seconds: 1, sound: false }))
  expect(source).toMatchObject({ kind: 'source', facts: { audio: null } })
})

test('a publisher without pictures is told so', async () => {
  const sound = (await flvClip({ seconds: 1 })).filter(tag => tag.kind === 'audio')
  expect(await read(sound, { noVideoMs: 50 })).toMatchObject({ kind: 'rejected', end: 'no-video' })
  const endless = Array.from({ length: 3_000 }, (_, index) => ({ ...sound[1], timestampMs: index * 21 }) as FlvTag)
  expect(await read([...sound.slice(0, 1), ...endless], { noVideoMs: 50 })).toMatchObject({ end: 'no-video' })
})

test('other codecs are refused with what to set', async () => {
  const h263: FlvTag = { kind: 'video', timestampMs: 0, body: Uint8Array.of(0x12, 0, 0, 0, 0, 0) }
  const mp3: FlvTag = { kind: 'audio', timestampMs: 0, body: Uint8Array.of(0x2f, 0, 0) }
  expect(await read([h263])).toMatchObject({
    end: 'unsupported-codec',
    sentence: expect.stringContaining('H.264') as string,
  })
  expect(await read([mp3])).toMatchObject({
    end: 'unsupported-codec',
    sentence: expect.stringContaining('AAC') as string,
  })
  const broken: FlvTag = { kind: 'video', timestampMs: 0, body: Uint8Array.of(0x17, 0, 0, 0, 0, 1, 66) }
  expect(await read([broken])).toMatchObject({ end: 'unsupported-codec' })
})

test('a publisher that leaves before its first picture is gone', async () => {
  expect(await read([], { open: false })).toMatchObject({ kind: 'rejected', end: 'gone' })
})
