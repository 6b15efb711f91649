import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { startTelemetry } from '#shared/service/telemetry.ts'
import { createLive } from './app.ts'
import { liveParts } from './live-parts.ts'
import { origin } from './origin/origin.ts'
import { coreBudget } from './plane/core-budget.ts'
import { onAir } from './plane/on-air.ts'
import { startOrSay } from './plane/start-or-say.ts'
import { encoderAddress } from './relay/encoder-address.ts'
import { serveLive } from './serve-live.ts'
import { liveSettings } from './settings.ts'

await startOrSay(async () => {
  const settings = liveSettings.read(process.env)
  const now = Date.now
  const log = createLog({ service: 'live', level: settings.logLevel })
  const life = lifetime({ log })
  exitWithParent()
  const telemetry = startTelemetry({ service: 'live' })
  const secrets = directorySecrets(join(settings.dataDir, 'secrets'))
  const signing = { key: await secrets.get('object-urls'), baseUrl: new URL('/objects', settings.publicUrl).href, now }
  const store = directoryObjectStore({ directory: join(settings.dataDir, 'objects'), signing })
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.serviceIssuer, now })
  const planeSecret = await secrets.get('stream-keys')
  const budget = coreBudget(settings.cores || availableParallelism())
  const sandbox = await detectSandbox()
  const encoders = await encoderAddress(settings, { sandbox, encoders: budget.encodersMax, log, life })

  const air = onAir()
  const parts = liveParts({ objects: store, relay: encoders, onAir: air, partMs: settings.partMs, now, log })
  const metrics = () => telemetry.metricsText()
  const drain = life.signal
  const live = createLive({
    settings,
    store,
    planeSecret,
    calls,
    parts,
    budget,
    sandbox,
    metrics,
    drain,
    now,
    random: randomBytes,
    log,
  })
  const viewers = origin({ shows: id => air.find(id), objects: store, now, random: randomBytes, log })
  return { life, ports: await serveLive({ live, origin: viewers, settings, log, life }) }
})
