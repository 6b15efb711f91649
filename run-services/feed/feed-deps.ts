import type { Clock } from '#shared/domain/clock.ts'
import type { RandomBytes } from '#shared/domain/id.ts'
import type { Database } from '#shared/ports/database/database.ts'
import type { Log } from '#shared/service/log.ts'

/** What the service is told from outside. */
export type FeedSettings = {
  /** Where viewers fetch media; every playback URL begins with it. */
  mediaUrl: URL
  /** Where people open pages; every shared link begins with it. */
  publicUrl: URL
}

/** What the verbs of this service work with. */
export type FeedDeps = {
  database: Database
  log: Log
  now: Clock
  random: RandomBytes
  /** Key material: cursors and sealed answers. */
  keys: { cursors: Uint8Array; sealing: Uint8Array }
  settings: FeedSettings
}

/** The name under which this service writes events and remembers what it has handled. */
export const SOURCE = 'feed'
