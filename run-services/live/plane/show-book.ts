import type { RandomBytes } from '#shared/domain/id.ts'
import type { ChannelLeases } from './channel-leases.ts'
import type { ChannelRecords } from './channel-records.ts'
import type { ChannelSlot } from './channel-slot.ts'
import type { CoreBudget } from './core-budget.ts'
import type { OpenShowDeps } from './open-kept-show.ts'
import { PLANE_COUNTERS } from './plane-metrics.ts'

export type ShowBookDeps = OpenShowDeps & {
  records: ChannelRecords
  leases: ChannelLeases
  budget: CoreBudget
  random: RandomBytes
  /** Runs `work` in a trace of its own. */
  inTrace<T>(name: string, attributes: Record<string, string>, work: () => Promise<T>): Promise<T>
  traceparent(): string | undefined
}

/** Everything this process knows of its shows. */
export type ShowBook = {
  readonly deps: ShowBookDeps
  /** By channel; a channel without show and publisher has no slot. */
  readonly slots: Map<string, ChannelSlot>
  /** Shows that are being ended, by channel. */
  readonly finishing: Map<string, Promise<void>>
  /** Channels on which a publisher is, from the moment it is let in until nothing of it runs. */
  readonly taken: Set<string>
  /** Publishers that are gone and whose last segments are being stored, by channel. */
  readonly leaving: Map<string, Promise<void>>
}

/** A book without shows. */
export function showBook(deps: ShowBookDeps): ShowBook {
  return { deps, slots: new Map(), finishing: new Map(), taken: new Set(), leaving: new Map() }
}

/** Ends the show of a channel that has no publisher; whoever asks twice waits for the same end. */
export function finishShow(book: ShowBook, slot: ChannelSlot, reason: string): Promise<void> {
  const running = book.finishing.get(slot.ref)
  if (running !== undefined) return running
  const done = end(book, slot, reason).finally(() => book.finishing.delete(slot.ref))
  book.finishing.set(slot.ref, done)
  return done
}

async function end({ deps, slots, taken }: ShowBook, slot: ChannelSlot, reason: string): Promise<void> {
  if (slot.show === undefined) return
  await slot.show.close(reason)
  deps.parts.forgetShow(slot.show.streamId)
  // A place that stays leads nowhere: the lease says that there is no show.
  await deps.places?.forget(slot.ref, slot.show.streamId).catch(() => undefined)
  deps.log.info({ channel_ref: slot.ref, stream_id: slot.show.streamId, reason }, 'show: ended')
  PLANE_COUNTERS.showsEnded.add(1, { reason })
  slot.show = undefined
  slot.lease = undefined
  if (!taken.has(slot.ref)) slots.delete(slot.ref)
}
