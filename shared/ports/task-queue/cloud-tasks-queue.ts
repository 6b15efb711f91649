import { CloudTasksClient, protos } from '@google-cloud/tasks'
import { type Queue, QUEUES } from '#shared/domain/topology.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'
import type { Destination } from '#shared/service/signed-post.ts'
import type { TaskQueue, Wake } from './task-queue.ts'

/** How the client of Google's library reaches the service; empty for the service itself. */
export type CloudTasksConnection = NonNullable<ConstructorParameters<typeof CloudTasksClient>[0]>

export type CloudTasksOptions = {
  projectId: string
  location: string
  /** The account in whose name the calls are signed. */
  account: string
  /** Where the calls of a queue are POSTed (`…/tasks/<kind>`), and the audience of their tokens. */
  destination: (queue: Queue) => Destination
  queues?: readonly Queue[]
  connection?: CloudTasksConnection
}

type Task = protos.google.cloud.tasks.v2.ITask

/** Longest one call to the service may take, in ms, and how often it is made again. */
const CALL_MS_MAX = 3_000
const RETRIES = 2
/** Longest wait for a handler's answer, in s; the longest Cloud Tasks takes. */
const DISPATCH_S = 1_800
/** gRPC's word for a name that was used before. */
const ALREADY_EXISTS = 6

/**
 * The task queue on Google Cloud Tasks: the queues, with their rates and retries, are made by the deployment.
 *
 * A task is named by its wake-up, which makes a doubled one harmless for the hour that a name is remembered. Calls carry
 * an OIDC token of the account for the audience of the destination. Past its attempts a task is gone; the sweeper
 * wakes the job again.
 */
export function cloudTasksQueue(options: CloudTasksOptions): TaskQueue & AsyncDisposable {
  const { projectId, location, account, destination, queues = QUEUES, connection } = options
  const client = new CloudTasksClient({ projectId, ...connection })
  const guarded = guardedCall({ name: 'the task queue', timeoutMs: CALL_MS_MAX, retries: RETRIES })

  return {
    async wake(wake, signal) {
      signal?.throwIfAborted()
      const queue = queues.find(({ name }) => name === wake.queue)
      if (queue === undefined) throw new Error(`The topology has no queue ${wake.queue}.`)
      const parent = client.queuePath(projectId, location, queue.name)
      const task = taskOf(wake, `${parent}/tasks/${wake.jobId}-${wake.attempt}`, destination(queue), account)
      await guarded(async () => {
        try {
          // The library's own retries would go on after the time is over.
          await client.createTask({ parent, task }, { timeout: CALL_MS_MAX, retry: null })
        } catch (error) {
          if ((error as { code?: unknown }).code !== ALREADY_EXISTS) throw error
        }
      }, signal)
    },
    async [Symbol.asyncDispose]() {
      await client.close()
    },
  }
}

function taskOf({ jobId, notBefore, traceparent }: Wake, name: string, to: Destination, account: string): Task {
  return {
    name,
    dispatchDeadline: { seconds: DISPATCH_S },
    ...(notBefore === undefined ? {} : { scheduleTime: timestampOf(notBefore) }),
    httpRequest: {
      httpMethod: protos.google.cloud.tasks.v2.HttpMethod.POST,
      url: to.url,
      headers: { 'content-type': 'application/json', ...(traceparent === undefined ? {} : { traceparent }) },
      body: Buffer.from(JSON.stringify({ job_id: jobId })),
      oidcToken: { serviceAccountEmail: account, audience: to.audience },
    },
  }
}

function timestampOf(instant: string): protos.google.protobuf.ITimestamp {
  const ms = Date.parse(instant)
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
}
