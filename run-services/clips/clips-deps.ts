import type { Clock } from '#shared/domain/clock.ts'
import type { RandomBytes } from '#shared/domain/id.ts'
import type { Broadcast } from '#shared/ports/broadcast/broadcast.ts'
import type { Database } from '#shared/ports/database/database.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import type { JobStore } from '#shared/service/job-store.ts'
import type { Log } from '#shared/service/log.ts'

/** What the service is told from outside. */
export type ClipsSettings = {
  /** Where viewers fetch media; every playback URL begins with it. */
  mediaUrl: URL
  /** Where this service itself fetches the newest parts of a show: the media origin, from inside. */
  originUrl: URL
  /** Seconds between two sweeps of objects that nobody owns. */
  sweepS: number
}

/** What the verbs of this service work with. */
export type ClipsDeps = {
  database: Database
  /** Where changes of the database are told. */
  broadcast: Broadcast
  store: ObjectStore
  queue: TaskQueue
  jobs: JobStore
  log: Log
  now: Clock
  random: RandomBytes
  /** Key material: cursors and sealed answers. */
  keys: { cursors: Uint8Array; sealing: Uint8Array }
  settings: ClipsSettings
}

/** The name under which this service writes events and remembers what it has handled. */
export const SOURCE = 'clips'
