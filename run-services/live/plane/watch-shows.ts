import type { Clock } from '#shared/domain/clock.ts'
import type { Log } from '#shared/service/log.ts'
import type { ChannelRecords } from './channel-records.ts'
import type { ChannelSlot } from './channel-slot.ts'
import type { EventSpool } from './event-spool.ts'
import type { LiveShows } from './live-shows.ts'
import { countTraffic } from './plane-metrics.ts'
import { sampleHealth } from './sample-health.ts'
import { isGood } from './stream-key.ts'

/** How often a running session's key and channel are looked at again; an ended key ends its session within 5 s. */
const CHECK_EVERY_MS = 2_000
const RENEW_EVERY_MS = 5_000

type WatchDeps = { shows: LiveShows; records: ChannelRecords; spool: EventSpool; now: Clock; log: Log }

/**
 * One look at every show of this process: samples health, ends windows that have passed and sessions whose key or channel
 * has, renews leases. Called once a second; a trouble with one show touches no other.
 */
export async function watchShows(deps: WatchDeps): Promise<void> {
  const looks = [...deps.shows.slots.values()].map(slot =>
    look(deps, slot).catch((error: unknown) => deps.log.warn({ err: error, channel_ref: slot.ref }, 'show: trouble')),
  )
  await Promise.all(looks)
}

async function look(deps: WatchDeps, slot: ChannelSlot): Promise<void> {
  const nowMs = deps.now()
  sampleHealth(deps.spool, slot, nowMs)
  if (slot.connection !== undefined) countTraffic(slot.connection)
  if (slot.show?.lease.lost.aborted === true) {
    if (slot.connection === undefined) return deps.shows.letGo(slot)
    slot.connection.stop.abort()
    return deps.shows.disconnect(slot, 'This channel is now served by another server.')
  }
  if (nowMs - slot.checkedAtMs >= CHECK_EVERY_MS) {
    slot.checkedAtMs = nowMs
    await check(deps, slot, nowMs)
  }
  if (slot.show === undefined) return
  const { state, waiting_until: until } = slot.show.leased()
  const over = slot.connection === undefined && until !== null && Date.parse(until) <= nowMs
  if (state !== 'closing' && over) return deps.shows.finish(slot, 'reconnect-window-passed')
  if (nowMs - slot.renewedAtMs < RENEW_EVERY_MS) return
  slot.renewedAtMs = nowMs
  // A show whose end could not be stored is ended again; its reason was told the first time.
  if (state === 'closing') await deps.shows.finish(slot, 'reconnect-window-passed')
  else await slot.show.renew()
}

async function check({ records, shows }: WatchDeps, slot: ChannelSlot, nowMs: number): Promise<void> {
  const channel = await records.find(slot.ref)
  if (channel === undefined || !channel.settings.enabled) {
    await shows.stop(slot.ref, channel === undefined ? 'channel-deleted' : 'channel-disabled')
    return
  }
  slot.channel = channel
  const running = channel.keys.find(key => key.key_ref === slot.connection?.publication.keyRef)
  if (slot.connection === undefined || (running !== undefined && isGood(running, nowMs))) return
  await shows.disconnect(slot, 'This stream key is no longer valid; use the new one from the studio.')
}
