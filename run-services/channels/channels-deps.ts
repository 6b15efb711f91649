import type { Clock } from '#shared/domain/clock.ts'
import type { RandomBytes } from '#shared/domain/id.ts'
import type { Database } from '#shared/ports/database/database.ts'
import type { LiveChannels } from '#shared/ports/live-channels/live-channels.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import type { JobStore } from '#shared/service/job-store.ts'
import type { Log } from '#shared/service/log.ts'

/** What the service is told from outside. */
export type ChannelsSettings = {
  /** Where viewers fetch media; every playback URL begins with it. */
  mediaUrl: URL
  /** Seconds between two rounds of the reconciler. */
  reconcileS: number
}

/** What the verbs of this service work with. */
export type ChannelsDeps = {
  database: Database
  plane: LiveChannels
  store: ObjectStore
  queue: TaskQueue
  jobs: JobStore
  log: Log
  now: Clock
  random: RandomBytes
  /** Key material: cursors, sealed answers, hashes of stream keys, tokens of playback. */
  keys: { cursors: Uint8Array; sealing: Uint8Array; streamKeys: Uint8Array; playbackTokens: Uint8Array }
  settings: ChannelsSettings
}

/** The name under which this service writes events and remembers what it has handled. */
export const SOURCE = 'channels'
