import { randomBytes } from 'node:crypto'
import { sharedBetweenInstances } from '#shared/ports/broadcast/shared-between-instances.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { boundedDatabase, DATABASE_BOUNDS } from '#shared/service/bounded-database.ts'
import { cloudCallers } from '#shared/service/cloud-callers.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { serveService } from '#shared/service/serve-service.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { createFeed } from './app.ts'
import { feedSettings } from './settings.ts'

process.exitCode = await cloudProcess('feed', feedSettings, process, async cloud => {
  const { settings, log, life, parts } = cloud
  const { project: projectId, instance, database: name, mediaUrl, publicUrl } = settings
  const now = Date.now
  const secrets = parts.use(secretManagerSecrets({ projectId, prefix: settings.secretsPrefix }))
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.stack, now })
  const spanner = parts.use(await spannerDatabase({ projectId, instance, database: name }))
  const database = boundedDatabase(spanner, DATABASE_BOUNDS)
  const feed = createFeed({
    database,
    log,
    now,
    random: randomBytes,
    drain: life.signal,
    keys: { cursors: await secrets.get('cursors'), sealing: await secrets.get('sealing') },
    settings: { mediaUrl, publicUrl },
    rateLimit: sharedBetweenInstances(settings, { log, parts, now }).rateLimit,
    ...(await cloudCallers(settings, calls, now)),
  })
  await serveService(feed, cloud, { database: () => database.ping() })
})
process.exit()
