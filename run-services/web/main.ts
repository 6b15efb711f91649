import { cloudProcess } from '#shared/service/cloud-process.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { DRAIN_MS } from '#shared/service/lifetime.ts'
import { OPERATIONS_PATH, operationsApp } from '#shared/service/operations-app.ts'
import { createWeb } from './app.ts'
import { readPageBundle } from './page-bundle.ts'
import { webSettings } from './settings.ts'
import { shareFactsFrom } from './share-facts-from.ts'

process.exitCode = await cloudProcess('web', webSettings, process, async ({ settings, log, life, telemetry }) => {
  const { publicUrl, mediaUrl } = settings
  const pages = createWeb({
    bundle: await readPageBundle(settings.pagesDir),
    mediaOrigins: [mediaUrl.origin],
    devTokens: false,
    publicUrl: publicUrl.origin,
    shareFacts: shareFactsFrom(publicUrl),
  })
  const operations = operationsApp({
    service: 'web',
    log,
    drain: life.signal,
    checks: {},
    metrics: () => telemetry.metricsText(),
  })
  const server = await serveHttp({
    fetch: request => (OPERATIONS_PATH.test(new URL(request.url).pathname) ? operations : pages).fetch(request),
    port: settings.port,
    host: '0.0.0.0',
    log,
    name: 'pages',
    setting: 'PORT',
  })
  life.onDrain(() => server.drain(DRAIN_MS))
})
process.exit()
