import { randomBytes } from 'node:crypto'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { boundedDatabase, DATABASE_BOUNDS } from '#shared/service/bounded-database.ts'
import { cloudCallers } from '#shared/service/cloud-callers.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { serveService } from '#shared/service/serve-service.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { createCanaries } from './app.ts'
import { canariesSettings } from './settings.ts'

process.exitCode = await cloudProcess('canaries', canariesSettings, process, async cloud => {
  const { settings, log, life, parts } = cloud
  const { project: projectId, instance, database: name } = settings
  const now = Date.now
  const secrets = parts.use(secretManagerSecrets({ projectId, prefix: settings.secretsPrefix }))
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.stack, now })
  const spanner = parts.use(await spannerDatabase({ projectId, instance, database: name }))
  const database = boundedDatabase(spanner, DATABASE_BOUNDS)
  const canaries = createCanaries({
    database,
    log,
    now,
    random: randomBytes,
    drain: life.signal,
    keys: { cursors: await secrets.get('cursors') },
    ...(await cloudCallers(settings, calls, now)),
  })
  await serveService(canaries, cloud, { database: () => database.ping() })
})
process.exit()
