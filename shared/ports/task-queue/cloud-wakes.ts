import type { Clock } from '#shared/domain/clock.ts'
import { cloudTasksQueue } from './cloud-tasks-queue.ts'
import { queueByRunner } from './queue-by-runner.ts'
import { sqsTaskQueue, type SqsOptions } from './sqs-task-queue.ts'
import type { TaskQueue } from './task-queue.ts'

export type CloudWakeSettings = {
  project: string
  tasksLocation: string
  tasksSigner: string
  /** The front door: queues call through it. */
  publicUrl: URL
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
  const { project: projectId, tasksLocation: location, tasksSigner: account, publicUrl } = settings
  const service = parts.use(
    cloudTasksQueue({
      projectId,
      location,
      account,
      destination: row => ({ url: new URL(`/tasks/${row.kind}`, publicUrl).href, audience: row.service }),
    }),
  )
  const { awsRegion: region, queueUrls } = settings
  return queueByRunner({ service, worker: parts.use(sqsTaskQueue({ region, credentials, queueUrls, now })) })
}
