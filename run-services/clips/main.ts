import { randomBytes } from 'node:crypto'
import { sharedBetweenInstances } from '#shared/ports/broadcast/shared-between-instances.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { awsServiceCredentials } from '#shared/ports/object-store/aws-service-credentials.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { cloudWakes } from '#shared/ports/task-queue/cloud-wakes.ts'
import { boundedDatabase, DATABASE_BOUNDS } from '#shared/service/bounded-database.ts'
import { cloudCallers } from '#shared/service/cloud-callers.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { startSweeper } from '#shared/service/job-sweeper.ts'
import { serveService } from '#shared/service/serve-service.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { toldChanges } from '#shared/service/told-changes.ts'
import { createClips, cuttingOf } from './app.ts'
import { runCutFinisher } from './finish-cuts.ts'
import { clipsSettings } from './settings.ts'
import { runObjectSweep } from './sweep-objects.ts'

const SWEEP_EVERY_S = 10

process.exitCode = await cloudProcess('clips', clipsSettings, process, async cloud => {
  const { settings, log, life, parts } = cloud
  const { project: projectId, instance, database: name, awsRegion: region, mediaBucket: bucket } = settings
  const [now, random, drain] = [Date.now, randomBytes, life.signal]
  const secrets = parts.use(secretManagerSecrets({ projectId, prefix: settings.secretsPrefix }))
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.stack, now })
  const { broadcast, rateLimit } = sharedBetweenInstances(settings, { log, parts, now })
  const spanner = parts.use(await spannerDatabase({ projectId, instance, database: name }))
  const engine = boundedDatabase(spanner, DATABASE_BOUNDS)
  const database = toldChanges(engine, broadcast)
  const credentials = awsServiceCredentials('clips', settings, now)
  const store = parts.use(s3ObjectStore({ bucket, region, credentials, now }))
  const queue = cloudWakes(settings, credentials, parts, now)
  const jobs = jobStore({ database, now, random })
  const { mediaUrl, sweepS } = settings
  const deps = {
    database,
    broadcast,
    rateLimit,
    store,
    queue,
    jobs,
    log,
    now,
    random,
    drain,
    keys: { cursors: await secrets.get('cursors'), sealing: await secrets.get('sealing') },
    // The newest parts come through the edge, as they come to any player.
    settings: { mediaUrl, originUrl: mediaUrl, sweepS },
    cutting: cuttingOf({ store }),
    ...(await cloudCallers(settings, calls, now)),
  }
  const loops = [
    startSweeper({ jobs, queue, now, everyS: SWEEP_EVERY_S, signal: drain, log }),
    runCutFinisher(deps, deps.cutting, drain),
    runObjectSweep(deps, drain),
  ]
  await serveService(createClips(deps), cloud, { database: () => database.ping() }, loops)
})
process.exit()
