import type { Clock } from '#shared/domain/clock.ts'
import { cloudTasksQueue } from './cloud-tasks-queue.ts'
import { queueByRunner } from './queue-by-runner.ts'
import { sqsTaskQueue, type SqsOptions } from './sqs-task-queue.ts'
import type { TaskQueue } from './task-queue.ts'

export type CloudWakeSettings = {
  project: string
  tasksLocation: string
  tasksSigner: string
  /** The front door: queues call through it where the service has no address of its own. */
  publicUrl: URL
  /** The service's own address, past the front door, which has no way to wake-ups; empty without one. */
  tasksUrl: string
  awsRegion: string
  queueUrls: Readonly<Record<string, string>>
}

/** Wake-ups of a deployment: of what a service runs through Cloud Tasks, of what workers run through SQS. */
export function cloudWakes(
  settings: CloudWakeSettings,
  credentials: NonNullable<SqsOptions['credentials']>,
  parts: AsyncDisposableStack,
  now: Clock,
): TaskQueue {
  const { project: projectId, tasksLocation: location, tasksSigner: account, publicUrl, tasksUrl } = settings
  const base = tasksUrl === '' ? publicUrl : new URL(tasksUrl)
  const service = parts.use(
    cloudTasksQueue({
      projectId,
      location,
      account,
      destination: row => ({ url: new URL(`/tasks/${row.kind}`, base).href, audience: row.service }),
    }),
  )
  const { awsRegion: region, queueUrls } = settings
  return queueByRunner({ service, worker: parts.use(sqsTaskQueue({ region, credentials, queueUrls, now })) })
}
