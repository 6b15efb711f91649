import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createLocalJWKSet } from 'jose'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import { postgresDatabase } from '#shared/ports/database/postgres-database.ts'
import { tableEventBus } from '#shared/ports/event-bus/table-event-bus.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { tableTaskQueue } from '#shared/ports/task-queue/table-task-queue.ts'
import { jobStore } from '#shared/service/job-store.ts'
import type { Log } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { userTokenVerifier } from '#shared/service/user-token.ts'
import { embeddedIssuer, USER_AUDIENCE } from './issuer/embedded-issuer.ts'
import type { controlSettings } from './settings.ts'

type ControlSettings = ReturnType<typeof controlSettings.read>

/** Name of the control process in calls to other processes. */
const CALLER = 'control'
const ISSUER = 'showreel-local'

/** The embedded form of every port, one owner each; the caller's stack disposes them in reverse. */
export async function controlParts(settings: ControlSettings, log: Log, stack: AsyncDisposableStack) {
  const now = Date.now
  const secrets = directorySecrets(join(settings.dataDir, 'secrets'))
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: ISSUER, now })
  const sign = (audience: string) => calls.sign(audience, CALLER)
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
  const signing = { key: await secrets.get('object-urls'), baseUrl: `${control}/objects`, now }
  const store = directoryObjectStore({ directory: join(settings.dataDir, 'objects'), signing })
  const issuer = await embeddedIssuer({ issuer: settings.publicUrl.origin, seed: await secrets.get('issuer') })

  return {
    now,
    random: (length: number) => randomBytes(length),
    secrets,
    calls,
    sign,
    database,
    feed: tableChangeFeed({ engine: database, report: problem => log.warn(problem, 'a batch of changes comes again') }),
    bus,
    queue,
    store,
    objects: signedObjectHandler(store, signing),
    jobs: jobStore({ database, now, random: randomBytes }),
    issuer,
    verifyUser: userTokenVerifier({
      issuer: issuer.issuer,
      audience: USER_AUDIENCE,
      jwks: createLocalJWKSet(issuer.jwks),
    }),
  }
}

export type ControlParts = Awaited<ReturnType<typeof controlParts>>
