import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClipsAppDeps, createClips, cuttingOf } from '#run-services/clips/app.ts'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import type { SubscriptionName } from '#shared/domain/topology.ts'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { UrlSigning } from '#shared/ports/object-store/signed-object-url.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { Wake } from '#shared/ports/task-queue/task-queue.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { toldChanges } from '#shared/service/told-changes.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { recycledDatabase } from './recycled-database.ts'
import { type TestService, testService } from './test-service.ts'

/** The clips service over a real embedded database and a real directory of objects; nothing wakes its jobs but the test. */
export type ClipsService = AsyncDisposable & {
  app: ServiceApp
  deps: ClipsAppDeps
  /** The database itself, without what is told of its changes. */
  engine: TableEngine
  store: ObjectStore
  /** How its URLs are signed. */
  signing: UrlSigning
  wakes: Wake[]
  clock: { nowMs: number }
  /** Who calls. */
  service: TestService
  push(subscription: SubscriptionName, event: DomainEvent): Promise<number>
  events(subject: string): Promise<DomainEvent[]>
}

const eventsOf = namedQuery('clips-test.events', ['clip_sample'], (subject: string) =>
  tables.selectFrom('domain_events').select('payload').where('subject_id', '=', subject).orderBy('seq'),
)

export async function clipsService(options: { originUrl?: URL } = {}): Promise<ClipsService> {
  const directory = mkdtempSync(join(tmpdir(), 'showreel-clips-'))
  const engine = await recycledDatabase()
  const broadcast = memoryBroadcast()
  const database = toldChanges(engine, broadcast)
  const clock = { nowMs: Date.parse('2026-11-21T19:00:00.000Z') }
  const now = () => clock.nowMs
  const signing = { key: new Uint8Array(32).fill(9), baseUrl: 'http://objects.test/objects', now }
  const store = directoryObjectStore({ directory, signing })
  const service = await testService('clips')
  const wakes: Wake[] = []
  const random = (length: number) => randomBytes(length)
  const deps: ClipsAppDeps = {
    ...service.options,
    database,
    broadcast,
    store,
    queue: { wake: async wake => void wakes.push(wake) },
    jobs: jobStore({ database, now, random }),
    now,
    random,
    keys: { cursors: new Uint8Array(32).fill(1), sealing: new Uint8Array(32).fill(2) },
    settings: {
      mediaUrl: new URL('http://media.test:8081'),
      originUrl: options.originUrl ?? new URL('http://127.0.0.1:9'),
      sweepS: 60,
    },
    cutting: cuttingOf({ store }),
  }
  const app = createClips(deps)
  return {
    app,
    deps,
    engine,
    store,
    signing,
    wakes,
    clock,
    service,
    push: async (subscription, event) => {
      const data = Buffer.from(JSON.stringify(event)).toString('base64')
      const message = { messageId: event.id, orderingKey: event.partitionkey, attributes: {}, data }
      const body = { message, subscription, deliveryAttempt: 1 }
      return (await service.asService(app, 'clips', 'bus')(`/push/${subscription}`, { body })).status
    },
    events: async subject => (await database.read(eventsOf(subject))).map(({ payload }) => payload as DomainEvent),
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
