import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type SegmentRow = Selectable<Tables['segments']>

const STREAM = 'strm_sample'
const TIME = '2026-01-01T00:00:00.000Z'

type NewSegment = {
  stream_id: string
  seq: number
  epoch: number
  pdt: string
  duration_ms: number
  discontinuity: boolean
  renditions: string
}

/** Gives the sequence number only when the segment was not there yet. */
export const insertSegment = namedQuery(
  'segment.insert',
  [{ stream_id: STREAM, seq: 0, epoch: 1, pdt: TIME, duration_ms: 2000, discontinuity: false, renditions: '[]' }],
  (segment: NewSegment) =>
    tables
      .insertInto('segments')
      .values(segment)
      .onConflict(conflict => conflict.columns(['stream_id', 'seq']).doNothing())
      .returning('seq'),
)

export const countSegments = namedQuery('segment.count', [STREAM], (streamId: string) =>
  tables
    .selectFrom('segments')
    .select(eb => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.max('seq').as('last'),
      eb.fn.sum<number>('duration_ms').as('duration'),
    ])
    .where('stream_id', '=', streamId),
)

export const listSegmentNumbers = namedQuery(
  'segment.list-numbers',
  [STREAM, 0, 1000],
  (streamId: string, fromSeq: number, limit: number) =>
    tables
      .selectFrom('segments')
      .select('seq')
      .where('stream_id', '=', streamId)
      .where('seq', '>=', fromSeq)
      .orderBy('seq')
      .limit(limit),
)

export const listSegments = namedQuery(
  'segment.list',
  [STREAM, 0, 500],
  (streamId: string, fromSeq: number, limit: number) =>
    tables
      .selectFrom('segments')
      .select(['seq', 'renditions'])
      .where('stream_id', '=', streamId)
      .where('seq', '>=', fromSeq)
      .orderBy('seq')
      .limit(limit),
)
