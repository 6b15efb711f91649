import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { LiveStream } from '#shared/ports/live-channels/live-channels.ts'
import type { Job } from '#shared/service/job-store.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import { applyFact } from './apply-fact.ts'
import { getChannel, type ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { OVER_REASONS, type StreamFact } from './stream-life.ts'
import { getStream } from './stream-queries.ts'

const ASK_AGAIN_S = 5

/**
 * Ends a show whose publisher did not come back, once the plane agrees that it is gone; run when the window is over. A
 * show that resumed, or lost its publisher anew, is left alone.
 */
export async function closeReconnectWindow(deps: ChannelsDeps, job: Pick<Job, 'subjectId'>): Promise<void> {
  const [stream] = await deps.database.read(getStream(job.subjectId))
  if (stream === undefined || stream.state !== 'reconnecting') return
  const until = stream.reconnect_until
  if (until === null || Date.parse(until) > deps.now()) return
  const [channel] = await deps.database.read(getChannel(stream.channel_id))
  if (channel === undefined) return
  const running = channel.provider_ref === null ? undefined : await deps.plane.getStream(channel.provider_ref)
  const same = running?.streamId === stream.provider_stream_id ? running : undefined
  if (same?.state === 'waiting' && Date.parse(same.waitingUntil ?? until) > deps.now()) {
    throw new Refusal('service.unavailable', {
      detail: 'The plane still waits for the publisher.',
      retryAfterS: ASK_AGAIN_S,
    })
  }
  const fact: StreamFact =
    same?.state === 'live'
      ? presentFact(same, deps.now())
      : { kind: 'over', epoch: stream.epoch, at: until, reason: OVER_REASONS.windowClosed }
  await learn(deps, channel, stream.provider_stream_id ?? '', fact)
}

/** What the plane has on the air, as a fact. */
export function presentFact(stream: LiveStream, nowMs: number): StreamFact {
  return {
    kind: 'present',
    epoch: stream.epoch,
    at: rfc3339(nowMs),
    startedAt: rfc3339(Date.parse(stream.startedAt)),
    protocol: stream.protocol,
    media: stream.media ?? null,
    waitingUntil: stream.state === 'waiting' ? rfc3339(Date.parse(stream.waitingUntil ?? rfc3339(nowMs))) : null,
  }
}

/** Applies one fact in a transaction of its own, on the channel as it is then. */
export async function learn(
  deps: ChannelsDeps,
  channel: ChannelRow,
  providerStreamId: string,
  fact: StreamFact,
): Promise<void> {
  const { wakes } = await deps.database.transaction(async tx => {
    const [current = channel] = await tx.read(getChannel(channel.channel_id))
    return applyFact(tx, deps, { channel: current, providerStreamId }, fact)
  })
  await jobWakes(deps.queue, deps.log).send(wakes)
}
