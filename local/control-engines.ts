import { join } from 'node:path'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import type { ChangeFeed } from '#shared/ports/change-feed/change-feed.ts'
import type { Broadcast } from '#shared/ports/broadcast/broadcast.ts'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import type { Counters } from '#shared/ports/counters/counters.ts'
import { memoryCounters } from '#shared/ports/counters/memory-counters.ts'
import type { Database } from '#shared/ports/database/database.ts'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import { postgresDatabase } from '#shared/ports/database/postgres-database.ts'
import { ttlSweeper } from '#shared/ports/database/ttl-sweeper.ts'
import type { EventBus } from '#shared/ports/event-bus/event-bus.ts'
import { tableEventBus } from '#shared/ports/event-bus/table-event-bus.ts'
import { tableTaskQueue } from '#shared/ports/task-queue/table-task-queue.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import { boundedDatabase, DATABASE_BOUNDS } from '#shared/service/bounded-database.ts'
import type { Log } from '#shared/service/log.ts'
import type { controlSettings } from './settings.ts'

export type ControlSettings = ReturnType<typeof controlSettings.read>

/** Records, their changes, the bus and the wake-ups of the control process, whatever they stand on. */
export type ControlEngines = {
  database: Database
  feed: ChangeFeed
  bus: EventBus
  queue: TaskQueue
  counters: Counters
  broadcast: Broadcast
  /** Removes expired rows until the signal aborts, where the database does not do so itself. */
  sweepExpired?: (signal: AbortSignal) => Promise<void>
}

/** All of them on one embedded database, or on PostgreSQL; the caller's stack disposes them in reverse. */
export async function embeddedEngines(
  settings: ControlSettings,
  sign: (audience: string) => Promise<string>,
  log: Log,
  stack: AsyncDisposableStack,
): Promise<ControlEngines> {
  const now = Date.now
  const control = `http://127.0.0.1:${settings.port}`
  const migrations = loadMigrations()
  const database = stack.use(
    settings.databaseUrl === ''
      ? await pgliteDatabase({
          directory: join(settings.dataDir, 'database'),
          templates: join('.cache', 'databases'),
          migrations,
        })
      : await postgresDatabase({ url: settings.databaseUrl, migrations }),
  )
  const report = (problem: object) => log.warn(problem, 'a delivery failed')
  const bus = stack.use(
    tableEventBus({
      engine: database,
      destination: ({ name, service }) => ({ url: `${control}/push/${name}`, audience: service }),
      sign,
      now,
      report,
    }),
  )
  const queue = stack.use(
    tableTaskQueue({
      engine: database,
      destination: ({ kind, service, runner }) =>
        runner === 'worker'
          ? { url: new URL(`/tasks/${kind}`, settings.workerUrl).href, audience: service }
          : { url: `${control}/tasks/${kind}`, audience: service },
      sign,
      now,
      report,
    }),
  )
  return {
    // What runs in this process cannot be cut off from it.
    database: settings.databaseUrl === '' ? database : boundedDatabase(database, DATABASE_BOUNDS),
    feed: tableChangeFeed({ engine: database, report: problem => log.warn(problem, 'a batch of changes comes again') }),
    bus,
    queue,
    counters: memoryCounters({ now }),
    broadcast: memoryBroadcast(),
    sweepExpired: async signal => await ttlSweeper({ engine: database, rules: migrations.ttl, now }).run(signal),
  }
}
