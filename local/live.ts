import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createLive } from '#run-services/live/app.ts'
import { liveParts } from '#run-services/live/live-parts.ts'
import { origin } from '#run-services/live/origin/origin.ts'
import { coreBudget } from '#run-services/live/plane/core-budget.ts'
import { onAir } from '#run-services/live/plane/on-air.ts'
import { encoderAddress } from '#run-services/live/relay/encoder-address.ts'
import { serveLive } from '#run-services/live/serve-live.ts'
import { localLiveSettings } from '#run-services/live/settings.ts'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { playbackTokens } from '#shared/service/playback-tokens.ts'
import { startTelemetry } from '#shared/service/telemetry.ts'
import { machineReports } from './machine-reports.ts'
import { machineObjects } from './machine-objects.ts'
import { startOrSay } from './supervisor/start-or-say.ts'

await startOrSay(async () => {
  const settings = localLiveSettings.read(process.env)
  const [now, random] = [Date.now, randomBytes]
  const log = createLog({ service: 'live', level: settings.logLevel })
  const life = lifetime({ log })
  exitWithParent()
  const telemetry = startTelemetry({ service: 'live' })
  const secrets = directorySecrets(join(settings.dataDir, 'secrets'))
  const signing = { key: await secrets.get('object-urls'), baseUrl: new URL('/objects', settings.publicUrl).href, now }
  const store = machineObjects({ dataDir: settings.dataDir, signing, env: process.env })
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.serviceIssuer, now })
  const planeSecret = await secrets.get('stream-keys')
  const tokens = playbackTokens(await secrets.get('playback-tokens'), now)
  const budget = coreBudget(settings.cores || availableParallelism())
  const sandbox = await detectSandbox()
  const encoders = await encoderAddress(settings, { sandbox, encoders: budget.encodersMax, log, life })

  const air = onAir()
  const live = createLive({
    settings,
    store,
    planeSecret,
    verifyService: calls.verify,
    reports: machineReports(
      { url: settings.eventsUrl, sign: audience => calls.sign(audience, 'live'), now },
      process.env,
    ),
    parts: liveParts({ objects: store, relay: encoders, onAir: air, partMs: settings.partMs, now, log }),
    budget,
    sandbox,
    metrics: () => telemetry.metricsText(),
    drain: life.signal,
    now,
    random,
    log,
  })
  const viewers = origin({ shows: id => air.find(id), objects: store, tokens, now, random, log })
  return { life, ports: await serveLive({ live, origin: viewers, settings, log, life }) }
})
