import type { z } from '@hono/zod-openapi'
import { newId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { Principal } from '#shared/service/principal.ts'
import { streamFacts } from './apply-fact.ts'
import { SOURCE, type ChannelsDeps } from './channels-deps.ts'
import { countMarkers, insertMarker } from './marker-queries.ts'
import { ownStream } from './own-stream.ts'
import { presentMarker } from './present-marker.ts'
import type { addMarkerBody, MarkerAnswer } from './stream-answer.ts'
import type { StreamRow } from './stream-queries.ts'

/** Markers one show may have. */
const MARKERS_MAX = 1_000
/** A marker may stand this much after what has been shown, for clocks that differ, in ms. */
const AHEAD_MS = 10_000

/** Sets a marker in a show, on the air or afterwards; without `at_ms` at the present moment. */
export async function addMarker(
  tx: Transaction,
  deps: Pick<ChannelsDeps, 'now' | 'random'>,
  principal: Principal,
  streamId: string,
  { kind, at_ms, note }: z.output<typeof addMarkerBody>,
): Promise<MarkerAnswer> {
  const stream = await ownStream(tx, principal, streamId)
  const lastMs = lengthMs(stream, deps.now())
  const atMs = at_ms ?? lastMs
  if (atMs > lastMs + AHEAD_MS) {
    throw new Refusal('request.invalid', { detail: `The show is ${lastMs} ms long.`, param: '/at_ms' })
  }
  const [count] = await tx.read(countMarkers(streamId))
  if ((count?.count ?? 0) >= MARKERS_MAX) {
    throw new Refusal('channel.too-many', { detail: `A show may have ${MARKERS_MAX} markers.` })
  }
  const payload = { ...(note === undefined ? {} : { note }), by: principal.kind === 'user' ? principal.id : undefined }
  const id = newId('marker', deps.random)
  const { rows } = await tx.write(
    insertMarker({ stream_id: streamId, at_ms: atMs, marker_id: id, kind, payload: json(payload) }),
  )
  const [row] = rows
  if (row === undefined) throw new Error('A marker that was just set is not there.')
  const facts = streamFacts(stream, streamId, stream.provider_stream_id ?? '', stream.epoch)
  const data = { ...facts, marker_id: id, kind, at_ms: atMs, ...(note === undefined ? {} : { note }) }
  await appendEvent(tx, { source: SOURCE, type: 'marker.added', subject: streamId, epoch: stream.epoch, data }, deps)
  return presentMarker(row)
}

function lengthMs(stream: StreamRow, nowMs: number): number {
  if (stream.started_at === null) return 0
  const end = stream.ended_at === null ? nowMs : Date.parse(stream.ended_at)
  return Math.max(0, end - Date.parse(stream.started_at))
}
