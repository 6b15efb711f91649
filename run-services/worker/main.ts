import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { channelsWorker } from '#run-services/channels/worker.ts'
import { clipsWorker } from '#run-services/clips/worker.ts'
import { QUEUES } from '#shared/domain/topology.ts'
import { awsGoogleIdentity } from '#shared/ports/task-queue/aws-google-identity.ts'
import { sqsTaskPuller } from '#shared/ports/task-queue/sqs-task-puller.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { DRAIN_MS } from '#shared/service/lifetime.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { workerApp } from '#shared/service/worker-loop.ts'
import { workerSettings } from './settings.ts'

process.exitCode = await cloudProcess('worker', workerSettings, process, async ({ settings, log, life }) => {
  const { region, queueUrls, account, identityAudience: audience, tokenUrl, signUrl } = settings
  const now = Date.now
  const sign = awsGoogleIdentity({ region, audience, account, tokenUrl, signUrl, now })
  // Only the puller beside it calls the worker: with a key that nobody else ever sees.
  const own = serviceCalls({ key: randomBytes(32), issuer: hostname(), now })
  const app = workerApp({
    log,
    verifyService: own.verify,
    control: settings.publicUrl,
    sign,
    handlers: { ...channelsWorker, ...clipsWorker },
    owner: hostname(),
    drain: life.signal,
  })
  const server = await serveHttp({ fetch: app.fetch, port: settings.port, log, name: 'worker' })
  life.onDrain(() => server.drain(DRAIN_MS))
  const puller = sqsTaskPuller({
    region,
    queues: QUEUES.filter(({ name, runner }) => runner === 'worker' && queueUrls[name] !== undefined),
    queueUrls,
    destination: ({ kind, service }) => ({ url: `${server.url}/tasks/${kind}`, audience: service }),
    sign: to => own.sign(to, 'queue'),
    now,
    report: problem => log.warn(problem, 'a wake-up comes again'),
  })
  life.onDrain(async () => await puller[Symbol.asyncDispose]())
  log.info({ queues: Object.keys(queueUrls) }, 'waiting for jobs')
})
process.exit()
