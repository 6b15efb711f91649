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
  const asked = await askPlane(deps, channel)
  const running = 'away' in asked ? undefined : asked.stream
  const same = running?.streamId === stream.provider_stream_id ? running : undefined
  // The reconciler asks again: a timer cannot wait for a plane that is away or more patient than we are.
  if ('away' in asked || same?.state === 'waiting') return
  const fact: StreamFact =
    same?.state === 'live'
      ? presentFact(same, deps.now())
      : { kind: 'over', epoch: stream.epoch, at: until, reason: OVER_REASONS.windowClosed }
  await learn(deps, channel, stream.provider_stream_id ?? '', fact)
}

type Asked = { stream: LiveStream | undefined } | { away: true }

async function askPlane(deps: ChannelsDeps, channel: ChannelRow): Promise<Asked> {
  if (channel.provider_ref === null) return { stream: undefined }
  try {
    return { stream: await deps.plane.getStream(channel.provider_ref) }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'service.unavailable') return { away: true }
    throw error
  }
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
