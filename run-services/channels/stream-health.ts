import type { Principal } from '#shared/service/principal.ts'
import { getChannel } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import type { HealthSeries } from './health-series.ts'
import { ownStream } from './own-stream.ts'
import type { StreamHealthAnswer } from './stream-answer.ts'
import { isOpen } from './stream-life.ts'

/** Asking the plane again sooner than this gives nothing new, in ms. */
const FRESH_MS = 1_000

/**
 * How the encoder side of a show feels now, and lately. On the air the plane is asked when the newest sample is not
 * fresh; when it does not answer, what is known stands.
 */
export async function streamHealth(
  deps: ChannelsDeps,
  series: HealthSeries,
  principal: Principal,
  streamId: string,
): Promise<StreamHealthAnswer> {
  const stream = await ownStream(deps.database, principal, streamId)
  const id = stream.provider_stream_id ?? stream.stream_id
  const newest = series.recent(id).at(-1)
  const stale = newest === undefined || deps.now() - Date.parse(newest.at) > FRESH_MS
  if (isOpen(stream.state) && stale) await ask(deps, series, stream.channel_id, id)
  const recent = series.recent(id)
  const current = recent.at(-1) ?? stream.health
  return { stream_id: stream.stream_id, state: stream.state, current, recent: [...recent] }
}

async function ask(deps: ChannelsDeps, series: HealthSeries, channelId: string, id: string): Promise<void> {
  const [channel] = await deps.database.read(getChannel(channelId))
  if (channel?.provider_ref == null) return
  try {
    const running = await deps.plane.getStream(channel.provider_ref)
    if (running?.streamId === id && running.health !== undefined) series.add(id, running.health)
  } catch (error) {
    deps.log.debug({ err: error, channel_id: channelId }, 'the plane does not say how a show feels')
  }
}
