import type { Log } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'
import type { ChannelSlot } from './channel-slot.ts'
import type { EventSpool } from './event-spool.ts'
import type { LiveShows } from './live-shows.ts'

type DrainDeps = { shows: LiveShows; spool: EventSpool; log: Log }

const POLL_MS = 50

/**
 * Ends this process's part in its shows: publishers are dropped, open segments stored, leases given up with the shows
 * still waiting in them, and the spool is told for as long as there is time. What is not told stays stored.
 */
export async function drainPlane({ shows, spool, log }: DrainDeps, withinMs: number): Promise<void> {
  const over = AbortSignal.timeout(withinMs)
  const dropped = [...shows.slots.values()].map(slot =>
    shows.disconnect(slot, 'This server is restarting; connect again in a few seconds.'),
  )
  await Promise.race([Promise.all(dropped), pause(withinMs, over)])
  await Promise.race([spool.flush(), pause(withinMs, over)])
  await Promise.allSettled([...shows.slots.values()].map(giveUp))
  while (!over.aborted && spool.counts().waiting > 0) await pause(POLL_MS, over)
  log.info({ ...spool.counts(), shows: shows.slots.size }, 'plane: drained')
}

async function giveUp({ show }: ChannelSlot): Promise<void> {
  await show?.renew()
  await show?.lease.release()
}
