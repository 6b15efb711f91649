import { rfc3339 } from '#shared/domain/clock.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import type { WakeableJob } from '#shared/service/job-store.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { applyFact, streamFacts } from './apply-fact.ts'
import type { ChannelRow } from './channel-queries.ts'
import { SOURCE, type ChannelsDeps } from './channels-deps.ts'
import { insertSegment } from './segment-queries.ts'
import { getStreamByProvider } from './stream-queries.ts'

type Place = { channel: ChannelRow; providerStreamId: string; causationId?: string }

/**
 * Indexes a stored segment and tells of it, once however often it is reported. A show that nobody has told of yet begins
 * with it.
 */
export async function indexSegment(
  tx: Transaction,
  deps: ChannelsDeps,
  place: Place,
  segment: StoredSegment,
): Promise<readonly WakeableJob[]> {
  const pdt = rfc3339(Date.parse(segment.pdt))
  const [known] = await tx.read(getStreamByProvider(place.providerStreamId))
  const { streamId, wakes } =
    known === undefined
      ? await applyFact(tx, deps, place, { kind: 'seen', at: pdt })
      : { streamId: known.stream_id, wakes: [] }
  const { rows } = await tx.write(
    insertSegment({
      stream_id: streamId,
      seq: segment.seq,
      epoch: segment.epoch,
      pdt,
      duration_ms: Math.max(1, Math.round(segment.duration_ms)),
      discontinuity: segment.discontinuity,
      renditions: json(segment.renditions),
    }),
  )
  if (rows.length === 0) return wakes
  const epoch = known?.epoch ?? 0
  await appendEvent(
    tx,
    {
      source: SOURCE,
      type: 'segment.finalized',
      subject: streamId,
      epoch,
      mediatime: pdt,
      ...(place.causationId === undefined ? {} : { causationid: place.causationId }),
      data: { ...streamFacts(place.channel, streamId, place.providerStreamId, epoch), segment },
    },
    deps,
  )
  return wakes
}
