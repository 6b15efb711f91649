import { rfc3339 } from '#shared/domain/clock.ts'
import type { PlaneStream } from '#shared/domain/plane-api.ts'
import type { ChannelSlot } from './channel-slot.ts'

/** What the plane says of the show on a channel; undefined while nothing of it can be watched. */
export function describeStream(slot: ChannelSlot): PlaneStream | undefined {
  const { ref, show, health } = slot
  if (show === undefined || !show.watched()) return undefined
  const leased = show.leased()
  if (leased.state === 'closing') return undefined
  const edgeMs = show.show.edgeMs()
  return {
    ref,
    stream_id: show.streamId,
    state: leased.state,
    epoch: leased.connection_epoch,
    started_at: leased.started_at,
    ...(leased.waiting_until === null ? {} : { waiting_until: leased.waiting_until }),
    protocol: leased.protocol,
    ...(leased.media === null ? {} : { media: leased.media }),
    ...(health === undefined ? {} : { health }),
    renditions: renditionsOf(slot),
    ...(edgeMs === undefined ? {} : { edge_at: rfc3339(edgeMs) }),
  }
}

/** Names of the renditions that are being made, best first. */
export function renditionsOf({ connection }: ChannelSlot): string[] {
  const tracks = connection?.plan?.tracks ?? []
  return tracks.filter(track => track.kind === 'video').map(track => track.name)
}
