import type { CanaryHop } from '#shared/domain/canary.ts'
import { concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { CmafReader } from '#shared/media/isobmff/cmaf-reader.ts'
import { readFootage, type Workshop } from './marked-footage.ts'
import type { WatchedSegment } from './watch-show.ts'

/** What watching has timed, and when the last frame of the watched segment was sent. */
export type WatchHops = {
  hops: Pick<Record<CanaryHop, number>, 'first-picture' | 'encode' | 'segment-closed'>
  lastSentMs: number
}

/** Times a watched segment by the numbers in its pictures. Throws when they are torn, or were never sent. */
export async function watchHops(
  workshop: Workshop,
  { init, parts, wholeAtMs, firstPictureMs }: WatchedSegment,
  sentAtMs: (frame: number) => number | undefined,
): Promise<WatchHops> {
  const container = init.length === 0 ? 'mpegts' : 'mov'
  const frames = await readFootage(workshop, concatBytes([init, ...parts.map(({ bytes }) => bytes)]), container)
  const sent = (frame: number | undefined) => {
    const atMs = frame === undefined ? undefined : sentAtMs(frame)
    if (atMs === undefined) throw new Error(`Frame ${frame} was seen and never sent: somebody else is on this channel.`)
    return atMs
  }
  let shown = 0
  const delays = parts.map(({ bytes, atMs }) => {
    shown += container === 'mov' ? samplesOf(init, bytes) : frames.length
    return atMs - sent(frames[shown - 1])
  })
  const lastSentMs = sent(frames.at(-1))
  return {
    hops: { 'first-picture': firstPictureMs, encode: median(delays), 'segment-closed': wholeAtMs - lastSentMs },
    lastSentMs,
  }
}

function samplesOf(init: Uint8Array, bytes: Uint8Array): number {
  const pieces = new CmafReader().push(concatBytes([init, bytes]))
  return pieces.reduce((sum, piece) => sum + (piece.kind === 'chunk' ? piece.samples : 0), 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
