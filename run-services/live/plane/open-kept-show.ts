import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import type { Log } from '#shared/service/log.ts'
import type { HeldLease, LeasedShow } from './channel-leases.ts'
import type { ChannelSlot } from './channel-slot.ts'
import type { EventSpool } from './event-spool.ts'
import { KeptShow } from './kept-show.ts'
import type { ShowPlaces } from './show-places.ts'
import type { PlaneParts, ShowRequest } from './plane-parts.ts'
import type { ReportPlace } from './provider-reports.ts'
import { providerReports } from './provider-reports.ts'

export type OpenShowDeps = {
  spool: EventSpool
  parts: PlaneParts
  place: ReportPlace
  /** Of a plane with several instances: where the others learn that a show is here. */
  places?: Pick<ShowPlaces, 'tell' | 'forget'>
  now: Clock
  log: Log
}

/** Opens a new show on a channel that is held. */
export async function openKeptShow(
  deps: OpenShowDeps,
  slot: ChannelSlot,
  lease: HeldLease,
  first: LeasedShow,
): Promise<KeptShow> {
  return KeptShow.open(partsOf(deps, slot, lease, first), first, events =>
    deps.parts.openShow(request(slot, first, events)),
  )
}

/**
 * Takes up a show whose process died: what it did not get to tell is told, and the show waits for its publisher until its
 * window, counted from the last sign of life, is over. Ids of events follow from facts, so telling twice is harmless.
 */
export async function restoreKeptShow(
  deps: OpenShowDeps,
  slot: ChannelSlot,
  lease: HeldLease,
  leased: LeasedShow,
): Promise<KeptShow> {
  await deps.places?.tell(slot.ref, leased.stream_id, slot.channel.playback_id)
  let untold: readonly StoredSegment[] = []
  let lastLifeMs = lease.heldUntilMs
  const show = await KeptShow.open(partsOf(deps, slot, lease, leased), leased, async events => {
    const restored = await deps.parts.restoreShow(request(slot, leased, events))
    if (restored === undefined) return deps.parts.openShow(request(slot, leased, events))
    untold = await restored.segmentsFrom(leased.reported_seq + 1)
    lastLifeMs = Math.max(lastLifeMs, restored.lastStoredAtMs ?? 0)
    return restored.show
  })
  show.catchUp(untold)
  const windowMs = slot.channel.settings.reconnect_window_s * 1000
  const waitingUntilMs = leased.waiting_until === null ? lastLifeMs + windowMs : Date.parse(leased.waiting_until)
  if (leased.state !== 'closing') await show.disconnected('plane-restarted', waitingUntilMs)
  deps.log.info(
    { channel_ref: slot.ref, stream_id: leased.stream_id, untold: untold.length, until: rfc3339(waitingUntilMs) },
    'show: taken up after a restart',
  )
  return show
}

function request(slot: ChannelSlot, show: LeasedShow, events: ShowRequest['events']): ShowRequest {
  const { playback_id, settings } = slot.channel
  return { streamId: show.stream_id, channelPlaybackId: playback_id, settings, events }
}

function partsOf(
  { spool, parts, place, now, log }: OpenShowDeps,
  slot: ChannelSlot,
  lease: HeldLease,
  first: LeasedShow,
) {
  const about = {
    ref: slot.ref,
    channelName: slot.channel.settings.name,
    streamId: first.stream_id,
    traceparent: () => (slot.show?.leased() ?? first).traceparent ?? undefined,
  }
  const reports = providerReports(about, place, now)
  return { lease, spool, log, reports, prefix: parts.recordingPrefix(first.stream_id) }
}
