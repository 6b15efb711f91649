import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { startTelemetry } from '#shared/service/telemetry.ts'
import { createLive } from './app.ts'
import { encoderHost } from './relay/encoder-host.ts'
import { rtmpDoor } from './ingest/rtmp-door.ts'
import { liveParts } from './live-parts.ts'
import { coreBudget } from './plane/core-budget.ts'
import { startOrSay } from './plane/start-or-say.ts'
import { liveSettings } from './settings.ts'

/** Of the 8 s a drain may take; the rest is for the servers. */
const END_MS = 6_000

await startOrSay(async () => {
  const settings = liveSettings.read(process.env)
  const now = Date.now
  const log = createLog({ service: 'live', level: settings.logLevel })
  const life = lifetime({ log })
  exitWithParent()
  const telemetry = await startTelemetry({ service: 'live' })
  const secrets = directorySecrets(join(settings.dataDir, 'secrets'))
  const signing = { key: await secrets.get('object-urls'), baseUrl: new URL('/objects', settings.publicUrl).href, now }
  const store = directoryObjectStore({ directory: join(settings.dataDir, 'objects'), signing })
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: settings.serviceIssuer, now })
  const budget = coreBudget(settings.cores || availableParallelism())
  const sandbox = await detectSandbox()
  log.info({ sandbox_level: sandbox.level }, sandbox.sentence)

  const relay = await encoderHost({ port: settings.relayPort, sandbox, encoders: budget.encodersMax, log })
  const live = createLive({
    store,
    planeSecret: await secrets.get('stream-keys'),
    calls,
    parts: liveParts({
      objects: store,
      relay: { host: '127.0.0.1', port: relay.port },
      partMs: settings.partMs,
      now,
      log,
      onShow: () => undefined,
    }),
    budget,
    owner: settings.owner,
    place: { account: settings.account, region: settings.region },
    ingest: { rtmp_url: settings.rtmpUrl || `rtmp://localhost:${settings.rtmpPort}/live` },
    eventsUrl: settings.eventsUrl,
    sandboxLevel: sandbox.level,
    now,
    random: length => randomBytes(length),
    log,
    metrics: () => telemetry.metricsText(),
    drain: life.signal,
  })
  const plane = await serveHttp({
    fetch: live.app.fetch,
    port: settings.planePort,
    host: settings.planeHost,
    log,
    name: 'the media plane',
    setting: 'PLANE_PORT',
  })
  const door = await rtmpDoor({
    port: settings.rtmpPort,
    host: settings.host,
    admit: live.admit,
    onPublication: live.publish,
    log,
  })
  await live.start()

  life.onDrain(() => relay.close())
  life.onDrain(() => plane.drain(1_000))
  life.onDrain(() => door.close())
  life.onDrain(() => live.end(END_MS))
  life.onDrain(() => door.stopAccepting())
  return { life, ports: { plane: plane.port, media: 0, rtmp: door.port } }
})
