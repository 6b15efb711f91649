import { runReconciler } from '#run-services/channels/reconcile-channels.ts'
import { runCutFinisher } from '#run-services/clips/finish-cuts.ts'
import { runObjectSweep } from '#run-services/clips/sweep-objects.ts'
import { runRelay } from '#run-services/relay/app.ts'
import { armCrashPoints } from '#shared/service/crash-point.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { startSweeper } from '#shared/service/job-sweeper.ts'
import { lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { startTelemetry } from '#shared/service/telemetry.ts'
import { controlMetrics } from './control-metrics.ts'
import { controlParts } from './control-parts.ts'
import { controlServices } from './control-services.ts'
import { gateway } from './gateway.ts'
import { controlSettings } from './settings.ts'
import { startOrRefuse, tellParent } from './supervisor/tell-parent.ts'

/** Time for answers in flight at the end, in ms; the loops and the database need what is left of 8 s. */
const DRAIN_MS = 5_000
const SWEEP_EVERY_S = 10

exitWithParent()
await startOrRefuse(async () => {
  const settings = controlSettings.read(process.env)
  armCrashPoints(settings.faults)
  const log = createLog({ service: 'control', level: settings.logLevel })
  const life = lifetime({ log })
  const telemetry = startTelemetry({ service: 'control' })
  await using stack = new AsyncDisposableStack()
  const parts = await controlParts(settings, log, stack)
  controlMetrics(parts.bus)
  const services = await controlServices({ settings, parts, log, drain: life.signal, metrics: telemetry.metricsText })
  const server = await serveHttp({
    fetch: gateway(services, parts.objects),
    port: settings.port,
    host: '0.0.0.0',
    log,
    name: 'pages and API',
    setting: 'PORT',
  })

  const { database, feed, bus, jobs, queue, now } = parts
  const { signal } = life
  const loops = [
    runRelay({ feed, bus, database, log, signal }),
    startSweeper({ jobs, queue, now, everyS: SWEEP_EVERY_S, signal, log }),
    runReconciler(services.channelsDeps, signal),
    runCutFinisher(services.clipsDeps, services.clipsDeps.cutting, signal),
    runObjectSweep(services.clipsDeps, signal),
    ...(parts.sweepExpired === undefined ? [] : [parts.sweepExpired(signal)]),
  ]
  life.onDrain(async () => {
    await server.drain(DRAIN_MS)
    await Promise.allSettled(loops)
  })
  tellParent({ type: 'ready', port: server.port })
  await life.done
  await telemetry.shutdown()
})
process.exit()
