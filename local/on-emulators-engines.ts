import { redisBroadcast } from '#shared/ports/broadcast/redis-broadcast.ts'
import { redisLink } from '#shared/ports/broadcast/redis-link.ts'
import { spannerChangeFeed } from '#shared/ports/change-feed/spanner-change-feed.ts'
import { redisCounters } from '#shared/ports/counters/redis-counters.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import type { Secrets } from '#shared/ports/secrets/secrets.ts'
import { cloudTasksQueue } from '#shared/ports/task-queue/cloud-tasks-queue.ts'
import type { Log } from '#shared/service/log.ts'
import { fakeConnection } from '#test/helpers/emulators/google-service.ts'
import type { ControlEngines, ControlSettings } from './control-engines.ts'
import { emulatedSettings } from './settings.ts'

/** The deployment's secrets, as Secret Manager hands them out. */
export function onEmulatorsSecrets(stack: AsyncDisposableStack): Secrets {
  const { projectId, secretsEndpoint } = emulatedSettings.read(process.env)
  return stack.use(secretManagerSecrets({ projectId, connection: fakeConnection(secretsEndpoint) }))
}

/** What the control process stands on, on the clouds' own interfaces, as `on-emulators.ts` started them. */
export async function onEmulatorsEngines(
  { port, workerUrl }: ControlSettings,
  log: Log,
  stack: AsyncDisposableStack,
): Promise<ControlEngines> {
  const settings = emulatedSettings.read(process.env)
  const { projectId, location, pubsubEndpoint, tasksEndpoint, redisUrl, account } = settings
  const control = `http://127.0.0.1:${port}`
  const database = stack.use(await spannerDatabase({ ...settings, serial: true }))
  const bus = stack.use(pubsubEventBus({ projectId, endpoint: pubsubEndpoint, emulated: true }))
  const queue = stack.use(
    cloudTasksQueue({
      projectId,
      location,
      account,
      destination: ({ kind, service, runner }) => ({
        url: runner === 'worker' ? new URL(`/tasks/${kind}`, workerUrl).href : `${control}/tasks/${kind}`,
        audience: service,
      }),
      connection: fakeConnection(tasksEndpoint),
    }),
  )
  const report = (problem: object) => log.warn(problem, 'a batch of changes comes again')
  const link = stack.use(redisLink({ url: redisUrl, log }))
  return {
    database,
    feed: spannerChangeFeed({ database, report }),
    bus,
    queue,
    counters: redisCounters({ link, now: Date.now }),
    broadcast: redisBroadcast({ link }),
  }
}
