import { status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Queue } from '#shared/domain/topology.ts'
import { CloudTasksDispatcher, type FakeTask } from './cloud-tasks-dispatcher.ts'
import { answered, googleService, type GoogleService, Refused, serveGoogleService } from './google-service.ts'

/** Stands for Cloud Tasks, of which no emulator exists: its own protocol files, served by us. */
export type CloudTasksFake = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string
}

export type CloudTasksFakeOptions = {
  /** The parent of the queues, `projects/<project>/locations/<location>`. */
  parent: string
  queues: readonly Queue[]
  /** A token for the audience in the account's name. */
  sign: (audience: string, account: string) => Promise<string>
}

/**
 * Verbs of the service that the fake answers UNIMPLEMENTED, because the product makes no use of them and nobody could
 * check them here. Of CreateTask nobody could check: that a name is forgotten after about an hour, that a queue which
 * gets 429 or 503 slows down, and how calls are spread within a second.
 */
export const UNCHECKED = [
  'ListQueues',
  'CreateQueue',
  'UpdateQueue',
  'DeleteQueue',
  'PurgeQueue',
  'PauseQueue',
  'ResumeQueue',
  'GetIamPolicy',
  'SetIamPolicy',
  'TestIamPermissions',
  'ListTasks',
  'GetTask',
  'DeleteTask',
  'RunTask',
] as const

const PROTO = 'google/cloud/tasks/v2/cloudtasks.proto'
/** The longest a schedule may lie ahead, 30 days in ms. */
const AHEAD_MS_MAX = 30 * 86_400_000
const DEADLINE_S = { min: 15, default: 600, max: 1_800 }
const TASK_ID = /^[A-Za-z0-9_-]{1,500}$/

/** The service as its protocol files declare it. */
export function cloudTasksService(): GoogleService {
  return googleService('@google-cloud/tasks', PROTO, 'google.cloud.tasks.v2.CloudTasks')
}

export async function startCloudTasksFake({ parent, queues, sign }: CloudTasksFakeOptions): Promise<CloudTasksFake> {
  const dispatchers = new Map(
    queues.map(row => {
      const limits = {
        maxDispatchesPerSecond: row.maxPerSecond,
        maxConcurrentDispatches: row.maxConcurrent,
        maxAttempts: row.attempts,
        minBackoffMs: row.backoffMinS * 1000,
        maxBackoffMs: row.backoffMaxS * 1000,
      }
      return [`${parent}/queues/${row.name}`, new CloudTasksDispatcher({ queue: row.name, limits, sign })] as const
    }),
  )
  const served = await serveGoogleService(cloudTasksService(), verbs(dispatchers))
  return {
    address: served.address,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]()
      await Promise.all([...dispatchers.values()].map(async dispatcher => await dispatcher.stop()))
    },
  }
}

type Timestamp = { seconds: number; nanos: number }
type CreateTask = {
  parent: string
  task: {
    name: string
    scheduleTime: Timestamp | null
    dispatchDeadline: Timestamp | null
    httpRequest: {
      url: string
      httpMethod: string
      headers: Record<string, string>
      body: Uint8Array
      oidcToken: { serviceAccountEmail: string; audience: string } | null
    } | null
  } | null
}
function verbs(dispatchers: ReadonlyMap<string, CloudTasksDispatcher>): UntypedServiceImplementation {
  const queueAt = (name: string): CloudTasksDispatcher => {
    const found = dispatchers.get(name)
    if (found === undefined) throw new Refused(status.NOT_FOUND, `Queue does not exist: ${name}`)
    return found
  }
  return {
    GetQueue: answered(({ name }: { name: string }) => {
      queueAt(name)
      return { name, state: 'RUNNING' }
    }),
    CreateTask: answered((request: CreateTask) => {
      const queue = queueAt(request.parent)
      const task = taskOf(request)
      if (!queue.add(task))
        throw new Refused(
          status.ALREADY_EXISTS,
          'The task cannot be created because a task with this name existed too recently.',
        )
      return { ...request.task, createTime: timestamp(Date.now()), scheduleTime: timestamp(task.dueMs) }
    }),
  }
}

function taskOf({ parent, task }: CreateTask): FakeTask {
  const id = task?.name.slice(`${parent}/tasks/`.length) ?? ''
  if (task?.name !== `${parent}/tasks/${id}` || !TASK_ID.test(id)) throw invalid('Task name is not valid.')
  const { httpRequest: http } = task
  if (!http || http.httpMethod !== 'POST' || URL.parse(http.url) === null) throw invalid('Task has no HTTP POST.')
  if (!http.oidcToken?.serviceAccountEmail || http.oidcToken.audience === '') throw invalid('Task has no OIDC token.')
  const deadlineS = task.dispatchDeadline?.seconds ?? DEADLINE_S.default
  if (deadlineS < DEADLINE_S.min || deadlineS > DEADLINE_S.max) throw invalid('Deadline must be between 15s and 30m.')
  const dueMs = task.scheduleTime === null ? Date.now() : millis(task.scheduleTime)
  if (dueMs - Date.now() > AHEAD_MS_MAX) throw invalid('Schedule time is too far in the future.')
  return {
    id,
    url: http.url,
    headers: http.headers,
    body: Buffer.from(http.body).toString('utf8'),
    account: http.oidcToken.serviceAccountEmail,
    audience: http.oidcToken.audience,
    dueMs,
    deadlineMs: deadlineS * 1000,
  }
}

function invalid(message: string): Refused {
  return new Refused(status.INVALID_ARGUMENT, message)
}

function millis({ seconds, nanos }: Timestamp): number {
  return seconds * 1000 + Math.floor(nanos / 1_000_000)
}

function timestamp(ms: number): Timestamp {
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
}
