import { randomUUID } from 'node:crypto'
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { afterAll, describe } from 'vitest'
import { sqsTaskPuller } from '#shared/ports/task-queue/sqs-task-puller.ts'
import { sqsTaskQueue } from '#shared/ports/task-queue/sqs-task-queue.ts'
import { taskQueueContract } from '../contracts/task-queue.contract.ts'
import { LIVE, without } from './live-settings.ts'

const missing = !LIVE.sqs

describe.skipIf(missing)(`SQS itself${missing ? without('VERIFY_SQS=on') : ''}`, { timeout: 180_000 }, () => {
  const endpoint = process.env['AWS_ENDPOINT_URL']
  const at = {
    region: LIVE.region,
    credentials: fromNodeProviderChain(),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
  const sqs = new SQSClient(at)
  const made: string[] = []
  afterAll(async () => {
    for (const QueueUrl of made) await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    sqs.destroy()
  })

  taskQueueContract(
    async ({ receiver, queues }) => {
      const queueUrls: Record<string, string> = {}
      for (const { name } of queues) {
        const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `verify-${randomUUID()}` }))
        made.push(QueueUrl)
        queueUrls[name] = QueueUrl
      }
      const queue = sqsTaskQueue({ ...at, queueUrls, now: Date.now })
      const pulling = sqsTaskPuller({
        ...at,
        queues,
        queueUrls,
        now: Date.now,
        pollS: 1,
        sign: async audience => `token-for-${audience}`,
        destination: ({ kind, service }) => ({ url: `${receiver.url}/tasks/${kind}`, audience: service }),
      })
      return {
        wake: async (wake, signal) => await queue.wake(wake, signal),
        async [Symbol.asyncDispose]() {
          await pulling[Symbol.asyncDispose]()
          queue[Symbol.dispose]()
        },
      }
    },
    { names: false },
  )
})
