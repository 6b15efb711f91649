import type { Reader } from '#shared/ports/database/database.ts'
import type { ChangeFeed } from '#shared/ports/change-feed/change-feed.ts'
import type { EventBus } from '#shared/ports/event-bus/event-bus.ts'
import { crashPoint } from '#shared/service/crash-point.ts'
import type { Log } from '#shared/service/log.ts'
import { publishEvents } from './publish-events.ts'
import { sequenceGuard } from './sequence-guard.ts'

export type RelayOptions = {
  feed: ChangeFeed
  bus: EventBus
  /** Where a hole in a sequence is filled from. */
  database: Reader
  log: Log
  /** Aborted when the process is to end. */
  signal: AbortSignal
}

/** Names the relay's checkpoint in the change feed. */
const READER = 'relay'
const TABLE = 'domain_events'

/**
 * Publishes every committed domain event, in order per subject, at least once: the only publisher of them.
 *
 * The feed's checkpoint moves after the bus has taken the batch; while the bus is away the same batch is offered again,
 * and nothing is skipped. Resolves when the signal aborts.
 */
export async function runRelay(options: RelayOptions): Promise<void> {
  const { feed, bus, log, signal } = options
  const guard = sequenceGuard(options.database, log)
  await feed.follow({ reader: READER, tables: [TABLE], signal }, async changes => {
    crashPoint('relay.received')
    const events = await guard.unbroken(changes.filter(change => change.kind === 'insert').map(change => change.row))
    try {
      await publishEvents(bus, events, signal)
    } catch (error) {
      log.warn({ err: error, events: events.length }, 'the bus took no events; they are offered again')
      throw error
    }
    guard.published(events)
    crashPoint('relay.published')
  })
}
