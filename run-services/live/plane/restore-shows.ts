import type { Log } from '#shared/service/log.ts'
import type { ChannelLeases } from './channel-leases.ts'
import type { LiveShows } from './live-shows.ts'

type RestoreDeps = {
  leases: ChannelLeases
  shows: LiveShows
  log: Log
  /** Channels that may have a show; all of them unless told. */
  among?: readonly string[]
}

/**
 * Takes up every show whose process is dead: this instance's own from before a crash, and those of instances whose lease
 * has run out. One that cannot be taken up now is tried again at the next call.
 */
export async function restoreShows({ leases, shows, log, among }: RestoreDeps): Promise<void> {
  for await (const { ref } of leases.orphans(among)) {
    if (shows.slots.has(ref)) continue
    try {
      const lease = await leases.claim(ref)
      if (lease !== undefined) await shows.restore(lease)
    } catch (error) {
      log.error({ err: error, channel_ref: ref }, 'show: could not be taken up after a restart')
    }
  }
}
