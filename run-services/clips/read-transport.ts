import type { RunPiece } from '#shared/media/clip/join-runs.ts'
import { continueClock } from '#shared/media/mpegts/continue-clock.ts'
import { readTransportSegment, type TransportSegment } from '#shared/media/mpegts/read-transport-segment.ts'
import { TransportError } from '#shared/media/mpegts/transport-error.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { readObject } from './read-object.ts'
import type { ShowMoment, TransportPiece } from './show-piece.ts'

/** A segment with its tracks; the same encoder's follow each other. */
export type ReadTransport = RunPiece & { encoder: string }

/** Largest segment that is read: twelve seconds at 16 Mbit/s, twice what IVS takes, in bytes. */
const SEGMENT_BYTES_MAX = 24 * 1024 * 1024
/** Segments that are fetched at once: each lies in memory whole before it is taken apart. */
const FETCHED_AT_ONCE = 4

/**
 * Reads moments that were recorded as MPEG-TS, each in the best rendition that is there and whole; one that is in none is
 * left out.
 */
export async function readTransport(
  store: ObjectStore,
  moments: readonly ShowMoment[],
  signal: AbortSignal,
): Promise<ReadTransport[]> {
  const read: ReadTransport[] = []
  for (let at = 0; at < moments.length; at += FETCHED_AT_ONCE) {
    const fetched = await Promise.all(
      moments.slice(at, at + FETCHED_AT_ONCE).map(async ({ atMs, transport = [] }) => {
        const segment = await firstReadable(store, transport, signal)
        return segment && { atMs, encoder: encoderOf(segment), ...segment }
      }),
    )
    for (const piece of fetched.filter(each => each !== undefined)) {
      const before = read.at(-1)
      read.push(before === undefined ? piece : continueClock(before, piece))
    }
  }
  return read
}

async function firstReadable(
  store: ObjectStore,
  pieces: readonly TransportPiece[],
  signal: AbortSignal,
): Promise<TransportSegment | undefined> {
  for (const { key, bytes } of pieces) {
    const found = await readObject(store, key, SEGMENT_BYTES_MAX, signal)
    const segment = found?.length === bytes ? readable(found) : undefined
    if (segment !== undefined) return segment
  }
  return undefined
}

function readable(bytes: Uint8Array): TransportSegment | undefined {
  try {
    return readTransportSegment(bytes)
  } catch (error) {
    if (error instanceof TransportError) return undefined
    throw error
  }
}

/** What a decoder is told at the beginning: segments with the same can be decoded as one. */
function encoderOf({ video, audio }: TransportSegment): string {
  return [video, audio].map(track => Buffer.from(track?.sampleEntry ?? []).toString('base64')).join(' ')
}
