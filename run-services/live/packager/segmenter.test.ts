import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PackagerError } from './packager-error.ts'
import type { Part } from './part.ts'
import { Segmenter } from './segmenter.ts'
import type { EpochFacts } from './show-facts.ts'
import { ShowSegment } from './show-segment.ts'

const TRACKS = [
  { name: 'best', kind: 'video' },
  { name: 'small', kind: 'video' },
  { name: 'audio', kind: 'audio' },
] as const
const FPS = 30
const PICTURE_S = 0.2
const SOUND_S = 0.192

const EPOCH = {
  epoch: 1,
  folder: 'v1',
  fps: FPS,
  gop_s: 2,
  zero_at_ms: 0,
  first_seq: 0,
  first_s: 0,
  show_began_ms: 0,
  tracks: TRACKS.map(track => ({
    ...track,
    codec: '',
    timescale: 1,
    width: 0,
    height: 0,
    sample_rate: 0,
    channels: 0,
    bitrate_kbps: 1,
  })),
} satisfies EpochFacts

function harness() {
  const opened: ShowSegment[] = []
  const finished: number[] = []
  const segmenter = new Segmenter({
    gopS: 2,
    fps: FPS,
    tracks: TRACKS,
    open(startS) {
      const segment = new ShowSegment(opened.length, EPOCH, startS, false)
      opened.push(segment)
      return segment
    },
    changed: () => undefined,
    finished: segment => void finished.push(segment.seq),
  })
  return { segmenter, opened, finished }
}

function parts(count: number, durationS: number, isKey: (index: number) => boolean): Part[] {
  return Array.from({ length: count }, (_, index) => ({
    startS: index * durationS,
    durationS,
    independent: isKey(index),
    bytes: new Uint8Array(1),
  }))
}

const picture = (seconds: number): Part[] =>
  parts(Math.round(seconds / PICTURE_S), PICTURE_S, index => index % 10 === 0)
const sound = (seconds: number): Part[] => parts(Math.floor(seconds / SOUND_S), SOUND_S, () => true)

/** Deals the parts of the tracks in an order that keeps each track's own. */
function dealt(tracks: Readonly<Record<string, Part[]>>, turns: readonly number[]): [string, Part][] {
  const queues = Object.entries(tracks).map(([name, list]) => ({ name, list: [...list] }))
  const order: [string, Part][] = []
  for (let turn = 0; queues.some(({ list }) => list.length > 0); turn += 1) {
    const filled = queues.filter(({ list }) => list.length > 0)
    const queue = filled[(turns[turn % turns.length] ?? turn) % filled.length]
    const part = queue?.list.shift()
    if (queue !== undefined && part !== undefined) order.push([queue.name, part])
  }
  return order
}

test('no part is lost or told twice, and cuts agree, whichever track is ahead of which', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (turns, seconds) => {
        const { segmenter, opened, finished } = harness()
        const tracks = { best: picture(seconds), small: picture(seconds), audio: sound(seconds) }
        // One encoder makes them all: none is more than a second and a half ahead.
        const order = dealt(tracks, turns).sort(
          ([, a], [, b]) => Math.floor(a.startS / 1.5) - Math.floor(b.startS / 1.5),
        )
        for (const [name, part] of order) segmenter.add(name, part)
        segmenter.end()
        expect(finished).toEqual(opened.map(({ seq }) => seq))
        for (const [name, all] of Object.entries(tracks)) {
          const got = opened.flatMap(({ tracks: media }) => media.get(name)?.parts ?? [])
          expect(got, name).toEqual(all)
        }
        for (const segment of opened) {
          expect(segment.tracks.get('small')?.startS).toBe(segment.tracks.get('best')?.startS)
          const soundS = segment.tracks.get('audio')?.startS ?? segment.startS
          expect(Math.abs(soundS - segment.startS)).toBeLessThanOrEqual(SOUND_S / 2 + 0.001)
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('a segment is whole with its last part, before anything of the next is there', () => {
  const { segmenter, opened, finished } = harness()
  for (const part of picture(2)) {
    segmenter.add('best', part)
    segmenter.add('small', part)
  }
  expect(opened[0]?.tracks.get('best')?.complete).toBe(true)
  for (const part of sound(2.2)) segmenter.add('audio', part)
  expect(finished).toEqual([0])
})

test('sound that stops does not hold up the picture', () => {
  const { segmenter, opened, finished } = harness()
  for (const part of sound(1)) segmenter.add('audio', part)
  for (const part of picture(8)) {
    segmenter.add('best', part)
    segmenter.add('small', part)
  }
  expect(finished).toEqual([0, 1, 2])
  expect(opened[2]?.tracks.has('audio')).toBe(false)
})

test.each([
  ['a picture that does not begin with a key frame', 'no-key-frame', [['best', picture(1).slice(1)]]],
  ['a picture without key frames', 'no-key-frame', [['best', parts(40, PICTURE_S, index => index === 0)]]],
  [
    'renditions that are cut apart',
    'misaligned',
    [
      ['best', picture(2)],
      ['small', picture(2).map(part => ({ ...part, startS: part.startS + 0.1 }))],
    ],
  ],
  [
    'a rendition that falls behind',
    'misaligned',
    [
      ['small', picture(1)],
      ['best', picture(16)],
    ],
  ],
  ['sound without a picture', 'no-video', [['audio', sound(60)]]],
  ['a track nobody planned', 'unknown-track', [['huge', picture(1)]]],
] as const)('%s is refused by name', (_, fault, fed) => {
  const { segmenter } = harness()
  const feed = (): void => {
    for (const [name, list] of fed) for (const part of list) segmenter.add(name, part)
  }
  expect(feed).toThrow(PackagerError)
  expect(feed).toThrow(expect.objectContaining({ fault }))
})
