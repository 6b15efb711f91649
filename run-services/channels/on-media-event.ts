import { Refusal } from '#shared/domain/refusal.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { firstTime } from '#shared/service/inbox.ts'
import type { WakeableJob } from '#shared/service/job-store.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import type { PushedEvent } from '#shared/service/push-routes.ts'
import { applyFact } from './apply-fact.ts'
import { getChannelByRef, type ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import type { HealthSeries } from './health-series.ts'
import { indexSegment } from './index-segment.ts'
import { noteHealth } from './note-health.ts'
import { noteRecording } from './note-recording.ts'
import { onRecordedObject } from './on-recorded-object.ts'
import { providerFact } from './provider-fact.ts'

type MediaEvent = PushedEvent<'channels--media'>
type ShowReport = Exclude<MediaEvent, { type: 'provider.object_created' }>

const CONSUMER = 'channels--media'
const UNKNOWN_RETRY_S = 5

/**
 * Takes one report of the media plane into rows and events, in one transaction with the mark that it was handled. A
 * doubled report changes nothing; one of a channel we do not know yet is refused, to be told again.
 */
export async function onMediaEvent(deps: ChannelsDeps, series: HealthSeries, event: MediaEvent): Promise<void> {
  if (event.type === 'provider.object_created') return await onRecordedObject(deps, event)
  const wakes = await deps.database.transaction(async tx => {
    const [channel] = await tx.read(getChannelByRef(event.data.channel_ref))
    if (channel === undefined) {
      throw new Refusal('service.unavailable', {
        detail: `No channel is known under ${event.data.channel_ref}.`,
        retryAfterS: UNKNOWN_RETRY_S,
      })
    }
    if (!(await firstTime(tx, event.id, CONSUMER))) return []
    return handle(tx, deps, channel, event)
  })
  if (event.type === 'provider.health') series.add(event.data.provider_stream_id, event.data.health)
  await jobWakes(deps.queue, deps.log).send(wakes)
}

async function handle(
  tx: Transaction,
  deps: ChannelsDeps,
  channel: ChannelRow,
  event: ShowReport,
): Promise<readonly WakeableJob[]> {
  const place = { channel, providerStreamId: event.data.provider_stream_id, causationId: event.id }
  switch (event.type) {
    case 'provider.stream_state':
      return (await applyFact(tx, deps, place, providerFact(event))).wakes
    case 'provider.segment_stored':
      return indexSegment(tx, deps, place, event.data.segment)
    case 'provider.health':
      await noteHealth(tx, deps, place, event.data)
      return []
    case 'provider.recording_state':
    default:
      await noteRecording(tx, event.data)
      return []
  }
}
