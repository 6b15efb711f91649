import type { FlvTag } from './flv-tag.ts'
import { readAudioTag } from './audio-tag.ts'
import { readVideoTag } from './video-tag.ts'

/** Distance between the last frame of one round and the first of the next when it cannot be measured, ms. */
const STEP_MS = 33

/**
 * The tags again and again with growing timestamps from 0, `rounds` times. Configuration and metadata are told in the
 * first round only, so that a decoder sees one unbroken show.
 */
export function* flvLoop(tags: readonly FlvTag[], rounds: number): Generator<FlvTag> {
  const media = tags.filter(isMedia)
  const [startMs, endMs] = range(media.map(tag => tag.timestampMs))
  const roundMs = endMs - startMs + stepOf(media)
  for (let round = 0; round < rounds; round += 1) {
    for (const tag of round === 0 ? tags : media) {
      const ownMs = Math.max(0, tag.timestampMs - startMs)
      yield { ...tag, timestampMs: (round * roundMs + ownMs) >>> 0 }
    }
  }
}

function range(times: readonly number[]): [number, number] {
  return times.reduce<[number, number]>(
    ([least, most], time) => [Math.min(least, time), Math.max(most, time)],
    [times[0] ?? 0, times[0] ?? 0],
  )
}

function isMedia(tag: FlvTag): boolean {
  if (tag.kind === 'script') return false
  const head = tag.kind === 'video' ? readVideoTag(tag.body) : readAudioTag(tag.body)
  return head?.packet === 'frame'
}

/** Median spacing of the video frames, so that the seam is one frame long. */
function stepOf(media: readonly FlvTag[]): number {
  const times = media.filter(tag => tag.kind === 'video').map(tag => tag.timestampMs)
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? STEP_MS
}
