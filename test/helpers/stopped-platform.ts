import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { cuttingOf } from '#run-services/clips/app.ts'
import { sweepObjects } from '#run-services/clips/sweep-objects.ts'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { createLog } from '#shared/service/log.ts'
import { TEMPLATES } from './test-database.ts'

const everyClip = namedQuery('stopped.every-clip', [], () => tables.selectFrom('clips').selectAll())
const everyFile = namedQuery('stopped.every-file', [], () => tables.selectFrom('clip_renditions').selectAll())
const everyEvent = namedQuery('stopped.every-event', ['clips'], (source: string) =>
  tables.selectFrom('domain_events').select('payload').where('source', '=', source),
)

/** What a platform that was stopped has kept: its rows, its events, its objects. */
export type StoppedPlatform = {
  clips: { clip_id: string; playback_id: string; state: string; title: string; attempts: number }[]
  events: DomainEvent[]
  /** Objects of clips that no row names and no entry point is. */
  orphans: () => Promise<string[]>
  /** One round of the product's own sweep, without its grace. */
  sweep: () => Promise<number>
}

const ENTRY = /^play\/[^/]+\/[^/]+$/u

/** Opens the data directory of a platform that has ended and looks. */
export async function lookInto<Result>(
  dataDir: string,
  look: (stopped: StoppedPlatform) => Promise<Result>,
): Promise<Result> {
  const directory = join(dataDir, 'database')
  await using database = await pgliteDatabase({ directory, templates: TEMPLATES, migrations: loadMigrations() })
  const signing = { key: randomBytes(32), baseUrl: 'http://objects.test', now: Date.now }
  const store = directoryObjectStore({ directory: join(dataDir, 'objects'), signing })
  const jobs = jobStore({ database, now: Date.now, random: randomBytes })
  const rows = await database.read(everyClip())
  const clips = await Promise.all(
    rows.map(async ({ clip_id, playback_id, state, title, render_job }) => {
      const job = render_job === null ? undefined : await jobs.get(render_job)
      return { clip_id, playback_id, state, title, attempts: job?.attempt ?? 0 }
    }),
  )
  return await look({
    clips,
    events: (await database.read(everyEvent('clips'))).map(({ payload }) => payload as DomainEvent),
    orphans: async () => {
      const named = new Set((await database.read(everyFile())).map(({ uri }) => uri))
      const ids = new Set(clips.map(({ playback_id }) => playback_id))
      const found: string[] = []
      for await (const { key } of store.list('play/')) {
        const ofClip = ids.has(key.split('/')[1] ?? '')
        if (ofClip && !named.has(key) && !ENTRY.test(key)) found.push(key)
      }
      return found
    },
    sweep: async () => {
      const now = Date.now
      const settings = { mediaUrl: new URL('http://media.test'), originUrl: new URL('http://media.test'), sweepS: 1 }
      const deps = {
        database,
        broadcast: memoryBroadcast(),
        store,
        jobs,
        now,
        settings,
        random: (length: number) => randomBytes(length),
        queue: { wake: async () => undefined },
        log: createLog({ service: 'test', level: 'silent' }),
        keys: { cursors: new Uint8Array(32), sealing: new Uint8Array(32) },
        cutting: cuttingOf({ store }),
      }
      return (await sweepObjects(deps, new AbortController().signal, -1)).deleted
    },
  })
}
