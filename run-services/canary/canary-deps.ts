import type { Clock } from '#shared/domain/clock.ts'
import type { RandomBytes } from '#shared/domain/id.ts'
import type { Database } from '#shared/ports/database/database.ts'
import type { Log } from '#shared/service/log.ts'

/** What the verbs of this service work with. */
export type CanaryDeps = {
  database: Database
  log: Log
  now: Clock
  random: RandomBytes
  /** Key material of cursors. */
  keys: { cursors: Uint8Array }
}
