import type { Publication } from '../borders.ts'
import type { HeldLease } from './channel-leases.ts'
import type { ChannelSlot } from './channel-slot.ts'
import { channelSlot } from './channel-slot.ts'
import { followPublisher } from './follow-publisher.ts'
import { restoreKeptShow } from './open-kept-show.ts'
import type { ShowBook, ShowBookDeps } from './show-book.ts'
import { finishShow, showBook } from './show-book.ts'

/** All shows of this process, one slot a channel. */
export type LiveShows = {
  readonly slots: ReadonlyMap<string, ChannelSlot>
  /** Follows a publisher until it is gone. Never throws. */
  publish(publication: Publication): Promise<void>
  /** Ends the show of a channel for good; false when there is none. */
  stop(ref: string, reason: string): Promise<boolean>
  /** Disconnects the publisher, whose show then waits, and resolves when nothing of it runs any more. */
  disconnect(slot: ChannelSlot, sentence: string): Promise<void>
  /** Ends a show that has no publisher. */
  finish(slot: ChannelSlot, reason: string): Promise<void>
  /** Lets go of a waiting show that another process has taken. */
  letGo(slot: ChannelSlot): void
  /** Takes up the show a lease remembers; it waits for its publisher, and ends at a tick when its window is over. */
  restore(lease: HeldLease): Promise<void>
}

/** The life of shows: connections come and go, a show ends once. */
export function liveShows(deps: ShowBookDeps): LiveShows {
  const book = showBook(deps)
  return {
    slots: book.slots,
    publish: publication => followPublisher(book, publication),
    stop: (ref, reason) => stop(book, ref, reason),
    disconnect,
    finish: (slot, reason) => finishShow(book, slot, reason),
    letGo: slot => letGo(book, slot),
    restore: lease => restore(book, lease),
  }
}

async function stop(book: ShowBook, ref: string, reason: string): Promise<boolean> {
  const slot = book.slots.get(ref)
  if (slot === undefined) return false
  slot.endReason = reason
  if (slot.connection === undefined) await finishShow(book, slot, reason)
  else await disconnect(slot, 'The show was ended.')
  return true
}

async function disconnect(slot: ChannelSlot, sentence: string): Promise<void> {
  slot.connection?.publication.drop(sentence)
  await slot.connection?.over
}

function letGo({ deps, slots, taken }: ShowBook, slot: ChannelSlot): void {
  if (slot.show !== undefined) deps.parts.forgetShow(slot.show.streamId)
  slot.show = undefined
  slot.lease = undefined
  if (!taken.has(slot.ref)) slots.delete(slot.ref)
}

async function restore({ deps, slots }: ShowBook, lease: HeldLease): Promise<void> {
  const leased = lease.record.show
  const channel = await deps.records.find(lease.record.ref)
  if (leased === null || channel === undefined) {
    await lease.save(null)
    return lease.release()
  }
  const slot = channelSlot(channel)
  slot.lease = lease
  slot.show = await restoreKeptShow(deps, slot, lease, leased)
  slots.set(slot.ref, slot)
}
