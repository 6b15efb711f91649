import { spannerChangeFeed } from '#shared/ports/change-feed/spanner-change-feed.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { operationsApp } from '#shared/service/operations-app.ts'
import { runRelay } from './app.ts'
import { relaySettings } from './settings.ts'

/** For probes under way at the end, in ms; the rest of the drain is the batch's that is being published. */
const DRAIN_MS = 1_000

process.exitCode = await cloudProcess('relay', relaySettings, process, async parts => {
  const { settings, log, life, telemetry } = parts
  const { project: projectId, instance, database: name, pubsubEmulator } = settings
  const emulated = pubsubEmulator !== ''
  const database = parts.parts.use(await spannerDatabase({ projectId, instance, database: name }))
  const endpoint = emulated ? pubsubEmulator : `${settings.region}-pubsub.googleapis.com:443`
  const bus = parts.parts.use(pubsubEventBus({ projectId, endpoint, emulated }))
  const feed = spannerChangeFeed({ database, report: problem => log.warn(problem, 'a batch of changes comes again') })
  const operations = operationsApp({
    service: 'relay',
    log,
    drain: life.signal,
    checks: { database: () => database.ping() },
    metrics: () => telemetry.metricsText(),
  })
  const server = await serveHttp({ fetch: operations.fetch, port: settings.port, host: '0.0.0.0', log, name: 'health' })
  const relay = runRelay({ feed, bus, database, log, signal: life.signal })
  life.onDrain(async () => {
    await relay
    await server.drain(DRAIN_MS)
  })
})
process.exit()
