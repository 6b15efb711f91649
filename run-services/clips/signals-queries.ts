import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type SignalsRow = Selectable<Tables['stream_signals']>
export type MeasuredSegment = Pick<
  Selectable<Tables['segments']>,
  'seq' | 'epoch' | 'pdt' | 'duration_ms' | 'discontinuity' | 'renditions'
>

const STREAM = 'strm_sample'

/** Stored segments by their numbers, both ends included. */
export const listStretch = namedQuery(
  'signals.list-stretch',
  [STREAM, 0, 14],
  (streamId: string, fromSeq: number, toSeq: number) =>
    tables
      .selectFrom('segments')
      .select(['seq', 'epoch', 'pdt', 'duration_ms', 'discontinuity', 'renditions'])
      .where('stream_id', '=', streamId)
      .where('seq', '>=', fromSeq)
      .where('seq', '<=', toSeq)
      .orderBy('seq'),
)

/** What was measured from that place on, oldest first. */
export const listSignals = namedQuery(
  'signals.list',
  [STREAM, 0, 200],
  (streamId: string, fromMs: number, limit: number) =>
    tables
      .selectFrom('stream_signals')
      .selectAll()
      .where('stream_id', '=', streamId)
      .where('to_ms', '>', fromMs)
      .orderBy('from_seq')
      .limit(limit),
)

/** Stretches that share a segment with that one. */
export const listSignalsMeeting = namedQuery(
  'signals.list-meeting',
  [STREAM, 0, 14],
  (streamId: string, fromSeq: number, toSeq: number) =>
    tables
      .selectFrom('stream_signals')
      .select(['from_seq', 'to_seq'])
      .where('stream_id', '=', streamId)
      .where('from_seq', '<=', toSeq)
      .where('to_seq', '>=', fromSeq),
)

export const deleteSignals = namedQuery('signals.delete', [STREAM, 0], (streamId: string, fromSeq: number) =>
  tables.deleteFrom('stream_signals').where('stream_id', '=', streamId).where('from_seq', '=', fromSeq),
)

type NewSignals = {
  stream_id: string
  from_seq: number
  to_seq: number
  from_ms: number
  to_ms: number
  signals: string
  strip: string | null
}

export const insertSignals = namedQuery(
  'signals.insert',
  [{ stream_id: STREAM, from_seq: 0, to_seq: 14, from_ms: 0, to_ms: 30_000, signals: '{}', strip: null }],
  (signals: NewSignals) => tables.insertInto('stream_signals').values(signals),
)
