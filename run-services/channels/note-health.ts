import type { EventData } from '#shared/domain/domain-event.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { streamFacts } from './apply-fact.ts'
import type { ChannelRow } from './channel-queries.ts'
import { SOURCE, type ChannelsDeps } from './channels-deps.ts'
import { isOpen } from './stream-life.ts'
import { getStreamByProvider, setStreamHealth } from './stream-queries.ts'

/** Keeps the newest sample on the show's row; tells of it only when the level changed. Older samples change nothing. */
export async function noteHealth(
  tx: Transaction,
  deps: ChannelsDeps,
  place: { channel: ChannelRow; providerStreamId: string },
  { health, epoch }: Pick<EventData<'provider.health'>, 'health' | 'epoch'>,
): Promise<void> {
  const [stream] = await tx.read(getStreamByProvider(place.providerStreamId))
  if (stream === undefined || !isOpen(stream.state) || epoch < stream.epoch) return
  if (stream.health !== null && Date.parse(stream.health.at) >= Date.parse(health.at)) return
  await tx.write(setStreamHealth(stream.stream_id, json(health)))
  if (stream.health?.level === health.level) return
  await appendEvent(
    tx,
    {
      source: SOURCE,
      type: 'stream.health_changed',
      subject: stream.stream_id,
      epoch: stream.epoch,
      data: { ...streamFacts(place.channel, stream.stream_id, place.providerStreamId, stream.epoch), health },
    },
    deps,
  )
}
