import { z } from 'zod'
import type { MarkerRow } from './marker-queries.ts'
import type { MarkerAnswer } from './stream-answer.ts'

const markerPayload = z.object({ note: z.string().optional() })

/** A marker as the API answers it. */
export function presentMarker(row: MarkerRow): MarkerAnswer {
  const payload = markerPayload.safeParse(row.payload)
  return {
    id: row.marker_id,
    stream_id: row.stream_id,
    kind: row.kind,
    at_ms: row.at_ms,
    note: payload.data?.note ?? null,
    created_at: row.created_at,
  }
}
