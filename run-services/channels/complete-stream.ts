import { rfc3339 } from '#shared/domain/clock.ts'
import { move, STREAM_MOVES, type StreamState } from '#shared/domain/state-machine.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import type { Principal } from '#shared/service/principal.ts'
import { applyFact } from './apply-fact.ts'
import { getChannel, type ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { ownStream } from './own-stream.ts'
import { isOpen, OVER_REASONS } from './stream-life.ts'
import { getOpenStream, type StreamRow } from './stream-queries.ts'

/**
 * Ends a show for good and disconnects its publisher. The row comes first: a plane that does not answer is told by the
 * reconciler. A show that is over already stays as it is; a failed one is `state.illegal`.
 */
export async function completeStream(deps: ChannelsDeps, principal: Principal, streamId: string): Promise<void> {
  const stream = await ownStream(deps.database, principal, streamId)
  if (stream.state === 'failed') move<StreamState>(STREAM_MOVES, 'stream', stream.state, 'ended')
  if (!isOpen(stream.state)) return
  const [channel] = await deps.database.read(getChannel(stream.channel_id))
  if (channel !== undefined) await end(deps, channel, stream, OVER_REASONS.completed)
}

/** Ends whatever is open on a channel. */
export async function endOpenStream(deps: ChannelsDeps, channel: ChannelRow, reason: string): Promise<void> {
  const [open] = await deps.database.read(getOpenStream(channel.channel_id))
  if (open !== undefined) await end(deps, channel, open, reason)
}

async function end(deps: ChannelsDeps, channel: ChannelRow, stream: StreamRow, reason: string): Promise<void> {
  const place = { channel, providerStreamId: stream.provider_stream_id ?? '' }
  const { wakes } = await deps.database.transaction(async tx => {
    const [current = channel] = await tx.read(getChannel(channel.channel_id))
    const fact = { kind: 'over', epoch: stream.epoch, at: rfc3339(deps.now()), reason } as const
    return applyFact(tx, deps, { ...place, channel: current }, fact)
  })
  await jobWakes(deps.queue, deps.log).send(wakes)
  await stopOnPlane(deps, channel, place.providerStreamId)
}

/** Ends the show on the plane, if it is this one that is on the air there. Never throws: the reconciler looks again. */
export async function stopOnPlane(
  deps: Pick<ChannelsDeps, 'plane' | 'log'>,
  channel: Pick<ChannelRow, 'provider_ref' | 'channel_id'>,
  providerStreamId: string,
): Promise<void> {
  const ref = channel.provider_ref
  if (ref === null) return
  try {
    const running = await deps.plane.getStream(ref)
    if (running?.streamId === providerStreamId) await deps.plane.stopStream(ref)
  } catch (error) {
    deps.log.warn({ err: error, channel_id: channel.channel_id }, 'the plane will hear later that a show is over')
  }
}
