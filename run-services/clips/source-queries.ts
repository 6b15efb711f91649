import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type SourceStream = Selectable<Tables['streams']>
export type SourceSegment = Selectable<Tables['segments']>

const STREAM = 'strm_sample'
const TIME = '2026-01-01T00:00:00.000Z'

/** The show a clip is cut from. */
export const getSourceStream = namedQuery('source.stream', [STREAM], (streamId: string) =>
  tables.selectFrom('streams').selectAll().where('stream_id', '=', streamId),
)

/** Stored segments that begin in the range, in order. */
export const segmentsInRange = namedQuery(
  'source.segments-in-range',
  [STREAM, TIME, TIME, 500],
  (streamId: string, from: string, to: string, limit: number) =>
    tables
      .selectFrom('segments')
      .selectAll()
      .where('stream_id', '=', streamId)
      .where('pdt', '>=', from)
      .where('pdt', '<', to)
      .orderBy('pdt')
      .limit(limit),
)

/** The newest stored segment. */
export const lastSegment = namedQuery('source.last-segment', [STREAM], (streamId: string) =>
  tables.selectFrom('segments').selectAll().where('stream_id', '=', streamId).orderBy('seq', 'desc').limit(1),
)

export const markersInRange = namedQuery(
  'source.markers-in-range',
  [STREAM, 0, 1000, 100],
  (streamId: string, fromMs: number, toMs: number, limit: number) =>
    tables
      .selectFrom('markers')
      .select(['marker_id', 'at_ms', 'kind', 'payload'])
      .where('stream_id', '=', streamId)
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs)
      .orderBy('at_ms')
      .limit(limit),
)

export const cuesInRange = namedQuery(
  'source.cues-in-range',
  [STREAM, 0, 1000, 100],
  (streamId: string, fromMs: number, toMs: number, limit: number) =>
    tables
      .selectFrom('cues')
      .select(['cue_id', 'at_ms', 'payload'])
      .where('stream_id', '=', streamId)
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs)
      .orderBy('at_ms')
      .limit(limit),
)
