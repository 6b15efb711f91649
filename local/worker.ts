import { join } from 'node:path'
import { channelsWorker } from '#run-services/channels/worker.ts'
import { clipsWorker } from '#run-services/clips/worker.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { DRAIN_MS, lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { workerApp } from '#shared/service/worker-loop.ts'
import { workerSettings } from './settings.ts'
import { tellParent } from './supervisor/tell-parent.ts'
import { verifyCalls } from './verify-calls.ts'

exitWithParent()
const settings = workerSettings.read(process.env)
const log = createLog({ service: 'worker', level: settings.logLevel })
const life = lifetime({ log })
const secrets = directorySecrets(join(settings.dataDir, 'secrets'))
const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: 'showreel-local', now: Date.now })
const app = workerApp({
  log,
  verifyService: verifyCalls(calls, process.env),
  control: settings.controlUrl,
  sign: calls.sign,
  handlers: { ...channelsWorker, ...clipsWorker },
  drain: life.signal,
})
const { port, shared: reusePort } = settings
const server = await serveHttp({ fetch: app.fetch, port, reusePort, log, name: 'worker' })
life.onDrain(() => server.drain(DRAIN_MS))
tellParent({ type: 'ready', port: server.port })
await life.done
process.exit(0)
