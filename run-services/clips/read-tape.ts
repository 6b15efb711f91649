import { z } from 'zod'
import type { Reader } from '#shared/ports/database/database.ts'
import { keptSignals } from './finish-measure.ts'
import type { Tape, TapeMark, TapeStretch } from './highlights/tape.ts'
import { zeroOf } from './prepare-measure.ts'
import { listSignals, type SignalsRow } from './signals-queries.ts'
import { cuesInRange, lastSegment, markersInRange, type SourceStream } from './source-queries.ts'

/** Stretches of one tape: a day of show. */
const STRETCHES_MAX = 2_880
/** Markers, and cues, of one tape. */
const MARKS_MAX = 1_000
/** Later than any show, in ms. */
const END_OF_TIME_MS = Number.MAX_SAFE_INTEGER
/** What was not measured so long after it was shown will not be waited for any more, in ms. */
const PATIENCE_MS = 300_000
const CUE_NOTE_MAX = 80

const markerPayload = z.object({ note: z.string().optional() })
const cuePayload = z.object({ kind: z.string() })

export type ShowTape = { tape: Tape; rows: readonly SignalsRow[] }

/** Everything that is known of a show from that place on (ms since its start), up to a day of it. */
export async function readTape(reader: Reader, stream: SourceStream, fromMs: number, nowMs: number): Promise<ShowTape> {
  const streamId = stream.stream_id
  const rows = await reader.read(listSignals(streamId, fromMs, STRETCHES_MAX))
  const markers = await reader.read(markersInRange(streamId, fromMs, END_OF_TIME_MS, MARKS_MAX))
  const cues = await reader.read(cuesInRange(streamId, fromMs, END_OF_TIME_MS, MARKS_MAX))
  const marks = [...markers.map(markerMark), ...cues.map(cueMark)]
  const stretches = rows.map(({ from_ms, to_ms, signals }): TapeStretch => ({
    from_ms,
    to_ms,
    ...keptSignals.parse(signals),
  }))
  const [last] = await reader.read(lastSegment(streamId))
  const zero = zeroOf(stream)
  const end = last === undefined ? undefined : { seq: last.seq, ms: Date.parse(last.pdt) + last.duration_ms - zero }
  const over = stream.ended_at === null ? undefined : end
  const known = knownUntil(rows, fromMs, { giveUpMs: nowMs - PATIENCE_MS - zero, over })
  return { rows, tape: { stretches, marks, ...known } }
}

/**
 * Up to where a show is known: through every stretch without a hole, and over the holes that are too old to be waited for;
 * to its end when it is over and nothing of it is missing any more.
 */
function knownUntil(
  rows: readonly SignalsRow[],
  fromMs: number,
  { giveUpMs, over }: { giveUpMs: number; over: { seq: number; ms: number } | undefined },
): Pick<Tape, 'until_ms' | 'over'> {
  let nextSeq = fromMs <= 0 ? 0 : rows[0]?.from_seq
  let until = Math.max(0, fromMs)
  for (const { from_seq, to_seq, from_ms, to_ms } of rows) {
    if (from_seq !== nextSeq && from_ms > giveUpMs) break
    until = to_ms
    nextSeq = to_seq + 1
  }
  const measured = over !== undefined && nextSeq === over.seq + 1
  if (over !== undefined && (measured || over.ms <= giveUpMs)) return { until_ms: over.ms, over: true }
  return { until_ms: Math.max(until, giveUpMs), over: false }
}

function markerMark({ at_ms, payload }: { at_ms: number; payload: unknown }): TapeMark {
  const { note } = markerPayload.safeParse(payload).data ?? {}
  return { signal: 'marker', at_ms, ...(note === undefined ? {} : { note }) }
}

function cueMark({ at_ms, payload }: { at_ms: number; payload: unknown }): TapeMark {
  const kind = cuePayload.safeParse(payload).data?.kind.slice(0, CUE_NOTE_MAX)
  return { signal: 'cue', at_ms, ...(kind === undefined ? {} : { note: kind }) }
}
