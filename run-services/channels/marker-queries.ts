import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type MarkerRow = Selectable<Tables['markers']>

const STREAM = 'strm_sample'

export const insertMarker = namedQuery(
  'marker.insert',
  [{ stream_id: STREAM, at_ms: 0, marker_id: 'mark_sample', kind: 'highlight', payload: '{}' }],
  (marker: { stream_id: string; at_ms: number; marker_id: string; kind: string; payload: string }) =>
    tables.insertInto('markers').values(marker).returningAll(),
)

export const countMarkers = namedQuery('marker.count', [STREAM], (streamId: string) =>
  tables
    .selectFrom('markers')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('stream_id', '=', streamId),
)

/** By their place in the show, from after that place on. */
export const listMarkers = namedQuery(
  'marker.list',
  [STREAM, -1, '', 21],
  (streamId: string, afterMs: number, afterId: string, limit: number) =>
    tables
      .selectFrom('markers')
      .selectAll()
      .where('stream_id', '=', streamId)
      .where(eb =>
        eb.or([eb('at_ms', '>', afterMs), eb.and([eb('at_ms', '=', afterMs), eb('marker_id', '>', afterId)])]),
      )
      .orderBy('at_ms')
      .orderBy('marker_id')
      .limit(limit),
)

/** Gives the cue only when it was not there yet. */
export const insertCue = namedQuery(
  'cue.insert',
  [{ stream_id: STREAM, at_ms: 0, cue_id: 'cue_sample', payload: '{}' }],
  (cue: { stream_id: string; at_ms: number; cue_id: string; payload: string }) =>
    tables
      .insertInto('cues')
      .values(cue)
      .onConflict(conflict => conflict.columns(['stream_id', 'at_ms', 'cue_id']).doNothing()),
)
