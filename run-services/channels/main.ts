import { randomBytes } from 'node:crypto'
import { sharedBetweenInstances } from '#shared/ports/broadcast/shared-between-instances.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { ivsLiveChannels } from '#shared/ports/live-channels/ivs-live-channels.ts'
import { planeLiveChannels } from '#shared/ports/live-channels/plane-live-channels.ts'
import { awsServiceCredentials } from '#shared/ports/object-store/aws-service-credentials.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { cloudWakes } from '#shared/ports/task-queue/cloud-wakes.ts'
import { boundedDatabase, DATABASE_BOUNDS } from '#shared/service/bounded-database.ts'
import { cloudCallers } from '#shared/service/cloud-callers.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { startSweeper } from '#shared/service/job-sweeper.ts'
import { metadataTokens } from '#shared/service/metadata-token.ts'
import { serveService } from '#shared/service/serve-service.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { createChannels } from './app.ts'
import { runReconciler } from './reconcile-channels.ts'
import { channelsSettings } from './settings.ts'

const SWEEP_EVERY_S = 10

process.exitCode = await cloudProcess('channels', channelsSettings, process, async cloud => {
  const { settings, log, life, parts } = cloud
  const { project: projectId, instance, database: name, awsRegion: region, mediaBucket: bucket } = settings
  const [now, random, drain] = [Date.now, randomBytes, life.signal]
  const secrets = parts.use(secretManagerSecrets({ projectId, prefix: settings.secretsPrefix }))
  const [cursors, sealing] = [await secrets.get('cursors'), await secrets.get('sealing')]
  const [streamKeys, playbackTokens] = [await secrets.get('stream-keys'), await secrets.get('playback-tokens')]
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.stack, now })
  const spanner = parts.use(await spannerDatabase({ projectId, instance, database: name }))
  const database = boundedDatabase(spanner, DATABASE_BOUNDS)
  const credentials = awsServiceCredentials('channels', settings, now)
  const machine = metadataTokens({ url: settings.metadataUrl, now })
  const store = parts.use(s3ObjectStore({ bucket, region, credentials, now }))
  const queue = cloudWakes(settings, credentials, parts, now)
  const jobs = jobStore({ database, now, random })
  const amazon = async () => {
    const playbackKey = Buffer.from(await secrets.get('playback-signing')).toString('utf8')
    const { ivsRecording: recordingConfigurationArn } = settings
    const [, , , , accountId = ''] = recordingConfigurationArn.split(':')
    const recorded = { recordingConfigurationArn, accountId, recordings: store }
    return parts.use(ivsLiveChannels({ region, credentials, ...recorded, playbackKey, now }))
  }
  const deps = {
    database,
    store,
    queue,
    jobs,
    log,
    now,
    random,
    drain,
    plane:
      settings.mediaPlane === 'ivs' ? await amazon() : planeLiveChannels({ url: settings.planeUrl, sign: machine }),
    keys: { cursors, sealing, streamKeys, playbackTokens },
    settings: { mediaUrl: settings.mediaUrl, reconcileS: settings.reconcileS },
    rateLimit: sharedBetweenInstances(settings, { log, parts, now }).rateLimit,
    ...(await cloudCallers(settings, calls, now)),
  }
  const loops = [
    startSweeper({ jobs, queue, now, everyS: SWEEP_EVERY_S, signal: drain, log }),
    runReconciler(deps, drain),
  ]
  await serveService(createChannels(deps), cloud, { database: () => database.ping() }, loops)
})
process.exit()
