import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { awsTaskCredentials } from '#shared/ports/object-store/aws-task-credentials.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { eventbridgeReports } from '#shared/ports/reports/eventbridge-reports.ts'
import { awsGoogleClient } from '#shared/ports/secrets/aws-google-client.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { ecsTask } from '#shared/service/ecs-task.ts'
import { oidcCallers } from '#shared/service/oidc-caller.ts'
import { playbackTokens } from '#shared/service/playback-tokens.ts'
import { pushMetrics } from '#shared/service/push-metrics.ts'
import { createLive } from './app.ts'
import { liveParts } from './live-parts.ts'
import { origin } from './origin/origin.ts'
import { coreBudget } from './plane/core-budget.ts'
import { onAir } from './plane/on-air.ts'
import { encoderAddress } from './relay/encoder-address.ts'
import { serveLive } from './serve-live.ts'
import { liveSettings } from './settings.ts'

/** What the plane's metrics are found by in Cloud Monitoring. */
const SEEN_AS = { namespace: 'live', job: 'live' }

process.exitCode = await cloudProcess(
  'live',
  liveSettings,
  process,
  async ({ settings, log, life, telemetry, parts }) => {
    const { project: projectId, stack, region, mediaBucket: bucket, identityAudience: audience, tokenUrl } = settings
    const [now, random, drain] = [Date.now, randomBytes, life.signal]
    const credentials = awsTaskCredentials(region)
    const authClient = awsGoogleClient({ region, audience, tokenUrl })
    const prefix = settings.secretsPrefix
    const secrets = parts.use(secretManagerSecrets({ projectId, prefix, authClient }))
    const planeSecret = await secrets.get('stream-keys')
    const tokens = playbackTokens(await secrets.get('playback-tokens'), now)
    const store = parts.use(s3ObjectStore({ bucket, region, credentials, now }))
    const budget = coreBudget(settings.cores || availableParallelism())
    const sandbox = await detectSandbox()
    const relay = await encoderAddress(settings, { sandbox, encoders: budget.encodersMax, log, life })
    const channels = `${stack}-channels@${projectId}.iam.gserviceaccount.com`
    const { callsIssuer: issuer, callsKeys: jwks } = settings
    const task = await ecsTask(settings.taskMetadata)
    const at = (port: number) => `http://${task.address}:${port}`
    const address = { plane: at(settings.planePort), media: at(settings.mediaPort) }
    const air = onAir()
    const live = createLive({
      settings: { ...settings, owner: task.id, address },
      store,
      planeSecret,
      verifyService: oidcCallers({ issuer, jwks, callers: new Map([[channels, 'channels']]), now }),
      reports: parts.use(eventbridgeReports({ region, credentials })),
      parts: liveParts({ objects: store, relay, onAir: air, partMs: settings.partMs, now, log }),
      budget,
      sandbox,
      metrics: () => telemetry.metricsText(),
      drain,
      now,
      random,
      log,
    })
    const viewers = origin({
      shows: id => air.find(id),
      elsewhere: live.elsewhere,
      objects: store,
      tokens,
      now,
      random,
      log,
    })
    const pushing = pushMetrics({
      telemetry,
      url: settings.metricsUrl,
      target: {
        ...SEEN_AS,
        project_id: projectId,
        location: settings.metricsRegion,
        cluster: region,
        instance: task.id,
      },
      authorize: async () => await authClient.getRequestHeaders(),
      now,
      log,
      signal: drain,
    })
    life.onDrain(() => pushing)
    log.info(await serveLive({ live, origin: viewers, settings, log, life }), 'ready')
  },
)
process.exit()
