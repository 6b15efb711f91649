import type { Clock } from '#shared/domain/clock.ts'
import { ivsShowParts } from '#shared/domain/ivs-names.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { ClipRange } from './clip-range.ts'
import { zeroOf } from './prepare-measure.ts'
import type { SourceSegment, SourceStream } from './source-queries.ts'
import { storedSegments } from './stored-moments.ts'

/** Longest a range that was shown waits for its recording, in ms; IVS stores a segment about 50 s after it was shown. */
const PATIENCE_MS = 5 * 60_000
/** When everything of a show that ended is stored and indexed, or lost, in ms after its end. */
const SETTLED_MS = 3 * 60_000
/** States in which every segment that will ever be there has its row. */
const SETTLED: ReadonlySet<string> = new Set(['archiving', 'archived', 'failed'])
/** Places are whole milliseconds, lengths are rounded to them. */
const ROUNDING_MS = 2

/** Whether what is on the air comes to us as a recording alone: shows of a plane that declares `liveClip: recorded`. */
export function isRecordedShow({ provider_stream_id: showId }: Pick<SourceStream, 'provider_stream_id'>): boolean {
  return ivsShowParts(showId ?? '') !== undefined
}

/** How much of a recorded show can be asked for, in ms since its start: what was shown counts before it is stored. */
export function recordedLength(stream: SourceStream, storedMs: number, nowMs: number): number {
  if (isSettled(stream, nowMs)) return storedMs
  const untilMs = stream.ended_at === null ? nowMs : Date.parse(stream.ended_at)
  return Math.max(storedMs, untilMs - zeroOf(stream))
}

/** Whether something of the range of a recorded show is not stored yet and still may be. */
export async function isMediaComing(
  { database, now }: { database: Reader; now: Clock },
  stream: SourceStream,
  { startMs, endMs }: ClipRange,
): Promise<boolean> {
  const zero = zeroOf(stream)
  const wall = { startMs: zero + startMs, endMs: zero + endMs }
  if (isSettled(stream, now()) || now() > wall.endMs + PATIENCE_MS) return false
  return !covers(await storedSegments(database, stream.stream_id, wall), wall)
}

function isSettled({ state, ended_at: endedAt }: SourceStream, nowMs: number): boolean {
  return SETTLED.has(state) || (endedAt !== null && nowMs > Date.parse(endedAt) + SETTLED_MS)
}

/** Segments are told in any order: one in the middle may be missing longer than those after it. */
function covers(segments: readonly SourceSegment[], { startMs, endMs }: { startMs: number; endMs: number }): boolean {
  const [first] = segments
  const last = segments.at(-1)
  if (first === undefined || last === undefined) return false
  const fromStart = first.seq === 0 || Date.parse(first.pdt) <= startMs + ROUNDING_MS
  const toEnd = Date.parse(last.pdt) + last.duration_ms >= endMs - ROUNDING_MS
  return fromStart && toEnd && last.seq - first.seq === segments.length - 1
}
