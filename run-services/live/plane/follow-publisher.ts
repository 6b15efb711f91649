import { rfc3339 } from '#shared/domain/clock.ts'
import { newId } from '#shared/domain/id.ts'
import type { Publication } from '../borders.ts'
import type { HeldLease, LeasedShow } from './channel-leases.ts'
import type { ChannelSlot } from './channel-slot.ts'
import { channelSlot } from './channel-slot.ts'
import type { KeptShow } from './kept-show.ts'
import { openKeptShow, restoreKeptShow } from './open-kept-show.ts'
import { countTraffic } from './plane-metrics.ts'
import type { Connection } from './run-connection.ts'
import { runConnection } from './run-connection.ts'
import { sampleHealth } from './sample-health.ts'
import type { ShowBook, ShowBookDeps } from './show-book.ts'
import { finishShow } from './show-book.ts'
import { byteRate } from './byte-rate.ts'

/** Follows a publisher until it is gone. A second one on a channel is dropped, never mixed in. Never throws. */
export async function followPublisher(book: ShowBook, publication: Publication): Promise<void> {
  const { deps, slots, taken } = book
  const ref = publication.channelRef
  await book.leaving.get(ref)
  if (taken.has(ref)) return publication.drop('This channel is already live.')
  taken.add(ref)
  const over = Promise.withResolvers<void>()
  let slot: ChannelSlot | undefined
  try {
    await book.finishing.get(ref)
    const channel = await deps.records.get(ref)
    slot = slots.get(ref) ?? channelSlot(channel)
    if (slot.show?.leased().state === 'closing') return publication.drop('The last show here is still being stored.')
    slot.channel = channel
    slots.set(ref, slot)
    slot.byteRate = byteRate()
    slot.connection = connectionOf(publication, deps.now(), over.promise)
    await follow(book, slot, slot.connection)
  } catch (error) {
    deps.log.error({ err: error, channel_ref: ref }, 'publisher: could not be followed')
    publication.drop('The server could not go on with this stream; connect again.')
  } finally {
    book.leaving.set(ref, over.promise)
    if (slot !== undefined) await leave(book, slot)
    taken.delete(ref)
    book.leaving.delete(ref)
    over.resolve()
  }
}

async function follow(book: ShowBook, slot: ChannelSlot, connection: Connection): Promise<void> {
  const { deps } = book
  const { publication } = connection
  const attributes = { channel_ref: slot.ref, protocol: publication.protocol }
  const found = { ...deps, takeShow: () => takeShow(book, slot, publication) }
  const { show, reason } = await deps.inTrace('publish', attributes, () =>
    runConnection(found, connection, slot.channel),
  )
  deps.log.info({ channel_ref: slot.ref, stream_id: show?.streamId, reason }, 'publisher: gone')
  countTraffic(connection)
  if (show === undefined || show.lease.lost.aborted) return
  const windowMs = slot.endReason === undefined ? slot.channel.settings.reconnect_window_s * 1000 : 0
  book.leaving.set(slot.ref, connection.over)
  slot.connection = undefined
  await show.disconnected(reason, deps.now() + windowMs)
  sampleHealth(deps.spool, slot, deps.now())
  if (windowMs === 0 || !show.watched()) await finishShow(book, slot, slot.endReason ?? reason)
}

async function takeShow(book: ShowBook, slot: ChannelSlot, publication: Publication): Promise<KeptShow | undefined> {
  const { deps } = book
  if (slot.show !== undefined) return slot.show
  const lease = await deps.leases.claim(slot.ref)
  if (lease === undefined) return undefined
  slot.lease = lease
  const leased = lease.record.show
  if (leased === null) {
    slot.show = await openShow(deps, slot, lease, publication)
    return slot.show
  }
  // Another instance let the channel go with its show still waiting; the publisher came here before we looked.
  slot.show = await restoreKeptShow(deps, slot, lease, leased)
  const { state, waiting_until: until } = slot.show.leased()
  if (state !== 'closing' && until !== null && Date.parse(until) > deps.now()) return slot.show
  await finishShow(book, slot, 'reconnect-window-passed')
  return takeShow(book, slot, publication)
}

/** Writes the show down before anything of it is stored, so that a crash leaves no recording that nobody ends. */
async function openShow(deps: ShowBookDeps, slot: ChannelSlot, lease: HeldLease, publication: Publication) {
  const first = firstOf(deps, slot, publication)
  await deps.places?.tell(slot.ref, first.stream_id, slot.channel.playback_id)
  await lease.save(first)
  try {
    return await openKeptShow(deps, slot, lease, first)
  } catch (error) {
    await lease.save(null)
    throw error
  }
}

async function leave({ deps, slots }: ShowBook, slot: ChannelSlot): Promise<void> {
  slot.connection = undefined
  slot.endReason = undefined
  if (slot.show?.lease.lost.aborted === true) {
    deps.parts.forgetShow(slot.show.streamId)
    slot.show = undefined
  }
  if (slot.show !== undefined) return
  slots.delete(slot.ref)
  if (slot.lease?.lost.aborted === false) await slot.lease.release().catch(() => undefined)
}

function connectionOf(publication: Publication, nowMs: number, over: Promise<void>): Connection {
  return {
    publication,
    connectedAtMs: nowMs,
    media: undefined,
    plan: undefined,
    encoding: undefined,
    counted: { bytes: 0, droppedGops: 0 },
    over,
    stop: new AbortController(),
  }
}

function firstOf(deps: ShowBookDeps, slot: ChannelSlot, publication: Publication): LeasedShow {
  return {
    stream_id: newId('playback', deps.random),
    started_at: rfc3339(deps.now()),
    state: 'live',
    waiting_until: null,
    connection_epoch: 0,
    key_ref: publication.keyRef,
    protocol: publication.protocol,
    media: null,
    traceparent: deps.traceparent() ?? null,
    start_reported: false,
    reported_seq: -1,
    recorded: slot.channel.settings.record,
  }
}
