import { randomUUID } from 'node:crypto'
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { Queue } from '#shared/domain/topology.ts'
import { sqsTaskPuller } from '#shared/ports/task-queue/sqs-task-puller.ts'
import { sqsTaskQueue } from '#shared/ports/task-queue/sqs-task-queue.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { unrulyProxy } from '../helpers/emulators/unruly-proxy.ts'
import { eventually } from '../helpers/eventually.ts'
import { postReceiver, type PostReceiver } from '../helpers/post-receiver.ts'
import { taskQueueContract } from './task-queue.contract.ts'

const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const WORK: Queue = {
  name: 'work',
  kind: 'work',
  service: 'channels',
  runner: 'worker',
  maxPerSecond: 1_000,
  maxConcurrent: 4,
  attempts: 3,
  backoffMinS: 0.01,
  backoffMaxS: 0.05,
  leaseS: 30,
}
const missing = missingEmulator(motoEmulator)

// sqs-task-queue.ts and its puller on moto_server
describe.skipIf(missing !== undefined)(`sqsTaskQueue${missing === undefined ? '' : `: ${missing}`}`, () => {
  let moto: EmulatorProcess
  let sqs: SQSClient
  const at = () => ({ region: 'us-east-1', credentials: CREDENTIALS, endpoint: `http://${moto.address}` })
  beforeAll(async () => {
    moto = await startEmulator(motoEmulator)
    sqs = new SQSClient(at())
  })
  afterAll(async () => {
    sqs.destroy()
    await moto[Symbol.asyncDispose]()
  })

  /** Queues of this test's own. */
  const made = async (queues: readonly Queue[]): Promise<Record<string, string>> => {
    const urls: Record<string, string> = {}
    for (const { name } of queues) {
      const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${randomUUID()}` }))
      urls[name] = QueueUrl
    }
    return urls
  }
  const puller = (receiver: PostReceiver, queues: readonly Queue[], queueUrls: Record<string, string>) =>
    sqsTaskPuller({
      ...at(),
      queues,
      queueUrls,
      now: Date.now,
      pollS: 1,
      sign: async audience => `token-for-${audience}`,
      destination: ({ kind, service }) => ({ url: `${receiver.url}/tasks/${kind}`, audience: service }),
    })
  const waiting = async (QueueUrl = '') => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    )
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0)
  }

  taskQueueContract(
    async ({ receiver, queues }) => {
      const queueUrls = await made(queues)
      const queue = sqsTaskQueue({ ...at(), queueUrls, now: Date.now })
      const pulling = puller(receiver, queues, queueUrls)
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

  test('a call that was cut by the end of its worker is made again by the next one, one that ended is not', async () => {
    const queueUrls = await made([WORK])
    using queue = sqsTaskQueue({ ...at(), queueUrls, now: Date.now })
    await using receiver = await postReceiver(() => (receiver.received.length === 2 ? 'hang' : { status: 200 }))
    const jobs = () => receiver.received.map(({ body }) => (body as { job_id: string }).job_id)
    {
      await using _pulling = puller(receiver, [WORK], queueUrls)
      await queue.wake({ queue: 'work', jobId: 'done', attempt: 0 })
      await eventually(() => jobs().length === 1)
      await queue.wake({ queue: 'work', jobId: 'cut', attempt: 0 })
      await eventually(() => jobs().length === 2)
    }
    await using _pulling = puller(receiver, [WORK], queueUrls)
    await eventually(() => jobs().length === 3)
    expect(jobs()).toEqual(['done', 'cut', 'cut'])
    await eventually(
      () => waiting(queueUrls['work']),
      count => expect(count).toBe(0),
    )
  })

  test('what is no wake-up is dropped, and what is due later than SQS can hold it waits', async () => {
    const queueUrls = await made([WORK])
    using queue = sqsTaskQueue({ ...at(), queueUrls, now: Date.now })
    await using receiver = await postReceiver(() => ({ status: 200 }))
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls['work'], MessageBody: 'nothing of the kind' }))
    // As a message is that SQS held back for its quarter of an hour.
    const early = { name: 'far-0', job_id: 'far', not_before: rfc3339(Date.now() + 3_600_000) }
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls['work'], MessageBody: JSON.stringify(early) }))
    await queue.wake({ queue: 'work', jobId: 'now', attempt: 0 })
    await using _pulling = puller(receiver, [WORK], queueUrls)
    await eventually(() => receiver.received.length === 1)
    await eventually(
      () => waiting(queueUrls['work']),
      count => expect(count).toBe(1),
    )
    expect(receiver.received.map(({ body }) => body)).toEqual([{ job_id: 'now' }])
  })

  test('a throttled wake-up is sent again, and one that stays throttled ends in a clear state', async () => {
    await using proxy = await unrulyProxy(`http://${moto.address}`)
    const queueUrls = await made([WORK])
    using queue = sqsTaskQueue({ ...at(), endpoint: proxy.url, queueUrls, now: Date.now })
    proxy.throttle(1)
    await queue.wake({ queue: 'work', jobId: 'job-1', attempt: 0 })
    expect(await waiting(queueUrls['work'])).toBe(1)
    proxy.throttle(1_000)
    const refused = queue.wake({ queue: 'work', jobId: 'job-2', attempt: 0 })
    await expect(refused).rejects.toMatchObject({ code: 'service.unavailable' })
  })
})
