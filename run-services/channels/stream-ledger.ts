import type { Principal } from '#shared/service/principal.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { recordingFacts } from './note-recording.ts'
import { ownStream } from './own-stream.ts'
import type { StreamLedgerAnswer } from './stream-answer.ts'
import { countSegments, listSegmentNumbers } from './segment-queries.ts'
import type { StreamRow } from './stream-queries.ts'

/** Missing numbers named in one answer. */
const MISSING_MAX = 100
/** Numbers read at a time while looking for gaps. */
const NUMBERS_PAGE = 1_000
/** Numbers looked at altogether: about eleven days of two-second segments. */
const NUMBERS_MAX = 500_000

/**
 * Whether every segment the packager closed lies in the store and is indexed. While a show is on the air a segment may be
 * under way between the three; after its end `off` is 0 or something was lost. Throws `service.unavailable` when the plane
 * cannot be asked: a ledger is never guessed.
 */
export async function streamLedger(
  deps: ChannelsDeps,
  principal: Principal,
  streamId: string,
): Promise<StreamLedgerAnswer> {
  const stream = await ownStream(deps.database, principal, streamId)
  const recording = await recordingOf(deps, stream)
  const [count] = await deps.database.read(countSegments(streamId))
  const indexed = count?.count ?? 0
  const { produced, stored } = recording
  const expected = Math.max(produced, (count?.last ?? -1) + 1)
  return {
    stream_id: streamId,
    produced,
    stored,
    indexed,
    off: Math.max(Math.abs(produced - stored), Math.abs(produced - indexed)),
    missing: indexed < expected ? await missingNumbers(deps.database, streamId, expected, MISSING_MAX) : [],
    duration_ms: recording.durationMs,
    complete: recording.complete,
  }
}

type Totals = { produced: number; stored: number; durationMs: number; complete: boolean }

/** What the plane says of the recording; when it has forgotten it, what it said at the end. */
export async function recordingOf(deps: Pick<ChannelsDeps, 'plane'>, stream: StreamRow): Promise<Totals> {
  const said = await deps.plane.getRecording(stream.provider_stream_id ?? '')
  if (said !== undefined) {
    const { segmentsProduced: produced, segmentsStored: stored, durationMs, state } = said
    return { produced, stored, durationMs, complete: state === 'complete' }
  }
  const kept = recordingFacts.safeParse(stream.recording)
  const segments = kept.success ? (kept.data.segments ?? 0) : 0
  const durationMs = kept.success ? (kept.data.duration_ms ?? 0) : 0
  return { produced: segments, stored: segments, durationMs, complete: true }
}

/** Numbers below `expected` that have no row, lowest first, at most `max` of them. */
export async function missingNumbers(
  reader: Reader,
  streamId: string,
  expected: number,
  max: number,
): Promise<number[]> {
  const missing: number[] = []
  let next = 0
  while (next < Math.min(expected, NUMBERS_MAX) && missing.length < max) {
    const rows = await reader.read(listSegmentNumbers(streamId, next, NUMBERS_PAGE))
    for (const { seq } of rows) {
      while (next < seq && missing.length < max) missing.push(next++)
      next = seq + 1
    }
    if (rows.length < NUMBERS_PAGE) {
      while (next < expected && missing.length < max) missing.push(next++)
      break
    }
  }
  return missing
}
