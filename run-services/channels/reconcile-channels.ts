import { rfc3339 } from '#shared/domain/clock.ts'
import type { LiveStream } from '#shared/ports/live-channels/live-channels.ts'
import { pause } from '#shared/service/pause.ts'
import { LIVE_SHARDS, WINDOW_GRACE_MS } from './apply-fact.ts'
import { getChannel, getChannelByRef, unsettledChannels } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { learn, presentFact } from './close-reconnect-window.ts'
import { stopOnPlane } from './complete-stream.ts'
import { settleStreamKey } from './end-stream-key.ts'
import { indexMissing } from './index-missing.ts'
import { settleChannel } from './settle-channel.ts'
import { isOpen, OVER_REASONS, type StreamFact } from './stream-life.ts'
import { unsettledStreamKeys } from './stream-key-queries.ts'
import { getStream, getStreamByProvider, openStreams } from './stream-queries.ts'

/** What one round made good. */
export type Repairs = {
  channels: number
  keys: number
  ended: number
  found: number
  stopped: number
  segments: number
  failed: number
}

/** Rows of each sort looked at in one round; the next round takes the rest. */
const ROWS_MAX = 100
/** Open shows looked at in one of the ranges. */
const SHARD_ROWS_MAX = 100
/** A request gets this long to tell the plane itself, in ms. */
const SETTLE_AFTER_MS = 5_000
/** A show that the plane does not have for this long is over, in ms: longer than a plane takes to find its shows again. */
const ABSENT_MS = 60_000
const MS_PER_S = 1000

/** Shows that the plane did not have, by when that was first seen. */
export type Absences = Map<string, number>

/**
 * Asks the plane what is true and brings rows and plane together: channels and keys the plane was not told of, shows that
 * only one side knows, shows that should be over, segments nobody reported. Bounded, safe to repeat and to run twice at
 * once; what fails is counted and left to the next round.
 */
export async function reconcileChannels(deps: ChannelsDeps, absences: Absences): Promise<Repairs> {
  const repairs: Repairs = { channels: 0, keys: 0, ended: 0, found: 0, stopped: 0, segments: 0, failed: 0 }
  const attempt = async (what: Record<string, unknown>, repair: () => Promise<void>) => {
    try {
      await repair()
    } catch (error) {
      repairs.failed += 1
      deps.log.warn({ err: error, ...what }, 'a repair has to wait')
    }
  }
  await settleRows(deps, repairs, attempt)
  const open = await openShows(deps)
  // Asked after the rows were read: a show that is in neither answer has ended.
  const running = await deps.plane.listStreams()
  for (const stream of running) await attempt({ ref: stream.ref }, () => meet(deps, repairs, stream))
  const onAir = new Set(running.map(stream => stream.streamId))
  const gone = open.filter(row => !onAir.has(row.provider_stream_id ?? ''))
  for (const id of absences.keys()) if (!gone.some(row => row.stream_id === id)) absences.delete(id)
  for (const row of gone) await attempt({ stream_id: row.stream_id }, () => miss(deps, repairs, absences, row))
  for (const row of open) await attempt({ stream_id: row.stream_id }, () => fillGaps(deps, repairs, row.stream_id))
  return repairs
}

/** Reconciles at once and then every so many seconds, until the signal aborts. */
export async function runReconciler(deps: ChannelsDeps, signal: AbortSignal): Promise<void> {
  const absences: Absences = new Map()
  while (!signal.aborted) {
    try {
      const repairs = await reconcileChannels(deps, absences)
      if (Object.values(repairs).some(count => count > 0))
        deps.log.info(repairs, 'rows and plane were brought together')
    } catch (error) {
      deps.log.warn({ err: error }, 'the plane cannot be asked what is true')
    }
    await pause(deps.settings.reconcileS * MS_PER_S, signal)
  }
}

type Attempt = (what: Record<string, unknown>, repair: () => Promise<void>) => Promise<void>

async function settleRows(deps: ChannelsDeps, repairs: Repairs, attempt: Attempt): Promise<void> {
  const before = rfc3339(deps.now() - SETTLE_AFTER_MS)
  for (const row of await deps.database.read(unsettledChannels(before, ROWS_MAX))) {
    await attempt({ channel_id: row.channel_id }, async () => {
      await settleChannel(deps, row)
      repairs.channels += 1
    })
  }
  for (const key of await deps.database.read(unsettledStreamKeys(before, ROWS_MAX))) {
    await attempt({ key_id: key.key_id }, async () => {
      await settleStreamKey(deps, key.provider_ref, key)
      repairs.keys += 1
    })
  }
}

async function openShows(deps: ChannelsDeps) {
  const shards = Array.from({ length: LIVE_SHARDS }, (_, shard) => shard)
  const ranges = await Promise.all(shards.map(shard => deps.database.read(openStreams(shard, SHARD_ROWS_MAX))))
  return ranges.flat()
}

/** A show that the plane has: begin it, follow it, or stop it when it is over for us. */
async function meet(deps: ChannelsDeps, repairs: Repairs, stream: LiveStream): Promise<void> {
  const [channel] = await deps.database.read(getChannelByRef(stream.ref))
  if (channel === undefined) return
  const [row] = await deps.database.read(getStreamByProvider(stream.streamId))
  if (row !== undefined && !isOpen(row.state)) {
    await stopOnPlane(deps, channel, stream.streamId)
    repairs.stopped += 1
    return
  }
  const known =
    row !== undefined && row.epoch >= stream.epoch && row.state === (stream.state === 'live' ? 'live' : 'reconnecting')
  if (known) return
  await learn(deps, channel, stream.streamId, presentFact(stream, deps.now()))
  repairs.found += 1
}

type OpenShow = {
  stream_id: string
  channel_id: string
  provider_stream_id: string | null
  epoch: number
  provider_ref: string | null
  reconnect_until: string | null
}

/** A show that the plane does not have: over, when it stays away. */
async function miss(deps: ChannelsDeps, repairs: Repairs, absences: Absences, row: OpenShow): Promise<void> {
  const since = absences.get(row.stream_id) ?? deps.now()
  absences.set(row.stream_id, since)
  const until = row.reconnect_until
  const windowOver = until !== null && deps.now() - Date.parse(until) > WINDOW_GRACE_MS
  if (!windowOver && deps.now() - since < ABSENT_MS) return
  const running = row.provider_ref === null ? undefined : await deps.plane.getStream(row.provider_ref)
  if (running?.streamId === row.provider_stream_id) return
  const [channel] = await deps.database.read(getChannel(row.channel_id))
  if (channel === undefined) return
  const fact: StreamFact = windowOver
    ? { kind: 'over', epoch: row.epoch, at: until, reason: OVER_REASONS.windowClosed }
    : { kind: 'over', epoch: row.epoch, at: rfc3339(since), reason: OVER_REASONS.absent }
  await learn(deps, channel, row.provider_stream_id ?? '', fact)
  absences.delete(row.stream_id)
  repairs.ended += 1
}

async function fillGaps(deps: ChannelsDeps, repairs: Repairs, streamId: string): Promise<void> {
  const [stream] = await deps.database.read(getStream(streamId))
  const recording = await deps.plane.getRecording(stream?.provider_stream_id ?? '')
  if (stream === undefined || recording === undefined) return
  repairs.segments += await indexMissing(deps, stream, recording.segmentsStored)
}
