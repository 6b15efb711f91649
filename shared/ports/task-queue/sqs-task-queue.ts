import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs'
import type { Clock } from '#shared/domain/clock.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'
import type { SqsWake } from './sqs-task-puller.ts'
import type { TaskQueue } from './task-queue.ts'

export type SqsOptions = {
  region: string
  /** Keyless, from `awsWebIdentity`; an emulator takes any. */
  credentials?: NonNullable<SQSClientConfig['credentials']>
  /** An emulator's, e.g. `http://127.0.0.1:5000`. */
  endpoint?: string
}

export type SqsTaskQueueOptions = SqsOptions & {
  /** Addresses of the queues by their names in the topology. */
  queueUrls: Readonly<Record<string, string>>
  now: Clock
}

const ATTEMPTS = 3
const CONNECT_MS_MAX = 2_000
/** Longer than a poll that waits for a message. */
const ANSWER_MS_MAX = 25_000
const SEND_MS_MAX = 5_000
/** The longest SQS holds a message back, in s; the puller holds it back for the rest. */
const DELAY_S_MAX = 900
const MS_PER_S = 1_000

/**
 * Wake-ups for workers that nobody can call, as messages of SQS; `sqsTaskPuller` makes the calls beside each worker.
 *
 * A standard queue remembers no names: a wake-up that is asked for twice may be called twice, which a job does not mind.
 */
export function sqsTaskQueue(options: SqsTaskQueueOptions): TaskQueue & Disposable {
  const client = sqsClient(options)
  const guarded = guardedCall({ name: 'the queue of wake-ups', timeoutMs: SEND_MS_MAX, retries: 1 })
  return {
    async wake({ queue, jobId, attempt, notBefore, traceparent }, signal) {
      const QueueUrl = options.queueUrls[queue]
      if (QueueUrl === undefined) throw new Error(`No address is known of the queue ${queue}.`)
      const dueMs = notBefore === undefined ? 0 : Date.parse(notBefore)
      const delayS = Math.ceil(Math.max(0, dueMs - options.now()) / MS_PER_S)
      const wake: SqsWake = {
        name: `${jobId}-${attempt}`,
        job_id: jobId,
        ...(notBefore === undefined ? {} : { not_before: notBefore }),
        ...(traceparent === undefined ? {} : { traceparent }),
      }
      const command = new SendMessageCommand({
        QueueUrl,
        MessageBody: JSON.stringify(wake),
        DelaySeconds: Math.min(DELAY_S_MAX, delayS),
      })
      await guarded(async abortSignal => void (await client.send(command, { abortSignal })), signal)
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

/** A client whose calls are tried again with jitter, and never wait for longer than a poll. */
export function sqsClient({ region, credentials, endpoint }: SqsOptions): SQSClient {
  return new SQSClient({
    region,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    // The queue's own address is asked: an emulator tells another host than the one it is reached at.
    useQueueUrlAsEndpoint: endpoint === undefined,
    requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
  })
}
