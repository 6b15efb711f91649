import type { Clock } from '#shared/domain/clock.ts'
import type { Log } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'
import type { Admission, AdmissionRefusal, Admit } from '../borders.ts'
import type { ChannelLeases } from './channel-leases.ts'
import type { ChannelRecords } from './channel-records.ts'
import type { ChannelSlot } from './channel-slot.ts'
import type { CoreBudget } from './core-budget.ts'
import type { KeyLockout } from './key-lockout.ts'
import type { LiveShows } from './live-shows.ts'
import { PLANE_COUNTERS } from './plane-metrics.ts'
import type { StreamKeys } from './stream-key.ts'
import { channelOfKey } from './stream-key.ts'

/** A publisher that sent nothing for this long has lost its connection, in ms; its encoder may come back over a new one. */
const STALE_MS = 3_000
/** How long the old connection may take to end before the new one is let in, in ms. */
const HANDOVER_MS = 2_000

type AdmitDeps = {
  records: ChannelRecords
  leases: ChannelLeases
  keys: StreamKeys
  shows: LiveShows
  budget: CoreBudget
  lockout: KeyLockout
  /** Aborted when this process is to end. */
  drain: AbortSignal
  now: Clock
  log: Log
}

const SENTENCES = {
  'locked-out': 'Too many wrong stream keys came from your address; wait a minute.',
  'unknown-key': 'This stream key is not valid; copy it again from the studio.',
  disabled: 'This channel is disabled.',
  'already-live': 'This channel is already live with another encoder; stop that one first.',
  'at-capacity': 'This server has no room for another stream now; try again later.',
  draining: 'This server is restarting; connect again in a few seconds.',
} as const satisfies Record<AdmissionRefusal['reason'], string>

/** Decides on stream keys before any media flows: constant time over a channel's keys, with a lockout for guessers. */
export function admitPublisher(deps: AdmitDeps): Admit {
  const { keys, lockout, log } = deps

  return async (streamKey, remoteAddress) => {
    if (deps.drain.aborted) return refuse('draining')
    if (lockout.isLocked(remoteAddress)) return refuse('locked-out')
    const ref = channelOfKey(streamKey)
    const channel = ref === undefined ? undefined : await deps.records.find(ref)
    const key = keys.match(streamKey, channel?.keys ?? [], deps.now())
    if (channel === undefined || key === undefined) {
      lockout.failed(remoteAddress)
      log.warn({ address: remoteAddress, channel_ref: channel?.ref }, 'publisher: unknown stream key')
      return refuse('unknown-key')
    }
    lockout.succeeded(remoteAddress)
    if (!channel.settings.enabled) return refuse('disabled')
    if (!(await isFree(deps, channel.ref))) return refuse('already-live')
    if (!deps.budget.hasRoom()) return refuse('at-capacity')
    return { channelRef: channel.ref, keyRef: key.key_ref } satisfies Admission
  }
}

function refuse(reason: AdmissionRefusal['reason']): AdmissionRefusal {
  PLANE_COUNTERS.refused.add(1, { reason })
  return { reason, sentence: SENTENCES[reason] }
}

async function isFree(deps: AdmitDeps, ref: string): Promise<boolean> {
  const slot = deps.shows.slots.get(ref)
  if (slot?.connection !== undefined) return handedOver(deps, slot)
  return slot?.show !== undefined || !(await deps.leases.heldElsewhere(ref))
}

/** Ends a connection that is dead without knowing it, so that its encoder can come back before the door notices. */
async function handedOver({ shows, now, drain }: AdmitDeps, slot: ChannelSlot): Promise<boolean> {
  const connection = slot.connection
  if (connection === undefined) return true
  const { lastAtMs } = connection.publication.received()
  if (now() - Math.max(lastAtMs, connection.connectedAtMs) < STALE_MS) return false
  await Promise.race([shows.disconnect(slot, 'Another connection took over.'), pause(HANDOVER_MS, drain)])
  return slot.connection === undefined
}
