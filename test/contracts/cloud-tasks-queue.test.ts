import { CloudTasksClient } from '@google-cloud/tasks'
import { describe, expect, test } from 'vitest'
import { type Queue, QUEUES } from '#shared/domain/topology.ts'
import { cloudTasksQueue } from '#shared/ports/task-queue/cloud-tasks-queue.ts'
import { cloudTasksService, startCloudTasksFake, UNCHECKED } from '../helpers/emulators/cloud-tasks-fake.ts'
import { fakeConnection } from '../helpers/emulators/google-service.ts'
import { eventually } from '../helpers/eventually.ts'
import { postReceiver, type PostReceiver } from '../helpers/post-receiver.ts'
import { taskQueueContract } from './task-queue.contract.ts'

const PROJECT = 'showreel-emulated'
const LOCATION = 'us-east4'
const ACCOUNT = 'pusher@showreel-emulated.iam.gserviceaccount.com'

// Google's client asks the machine who it is otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none'

async function open(receiver: PostReceiver, queues: readonly Queue[]) {
  const parts = new AsyncDisposableStack()
  const fake = parts.use(
    await startCloudTasksFake({
      parent: `projects/${PROJECT}/locations/${LOCATION}`,
      queues,
      sign: async (audience, account) => `token-for-${audience}-as-${account}`,
    }),
  )
  const queue = parts.use(
    cloudTasksQueue({
      projectId: PROJECT,
      location: LOCATION,
      account: ACCOUNT,
      queues,
      destination: ({ kind, service }) => ({ url: `${receiver.url}/tasks/${kind}`, audience: service }),
      connection: fakeConnection(fake.address),
    }),
  )
  return { ...queue, fake, [Symbol.asyncDispose]: async () => await parts.disposeAsync() }
}

describe('the task queue contract on Google’s client and a fake of its service', () => {
  taskQueueContract(async ({ receiver, queues }) => await open(receiver, queues))
})

test('calls are signed for the audience of the destination, in the account’s name', async () => {
  await using receiver = await postReceiver(() => ({ status: 200 }))
  await using queue = await open(receiver, QUEUES)
  await queue.wake({ queue: 'archive-stream', jobId: 'job-1', attempt: 0 })
  await eventually(() => receiver.received.length === 1)
  expect(receiver.received[0]?.headers.authorization).toBe(`Bearer token-for-channels-as-${ACCOUNT}`)
})

test('a wake-up the service refuses, and one while it is away, fail in time', async () => {
  await using receiver = await postReceiver()
  await using queue = await open(receiver, QUEUES)
  await expect(queue.wake({ queue: 'archive-stream', jobId: 'no/name', attempt: 0 })).rejects.toMatchObject({
    code: 'service.unavailable',
  })
  await queue.fake[Symbol.asyncDispose]()
  const startedAt = performance.now()
  await expect(queue.wake({ queue: 'archive-stream', jobId: 'job-1', attempt: 0 })).rejects.toMatchObject({
    code: 'service.unavailable',
  })
  expect(performance.now() - startedAt).toBeLessThan(15_000)
})

test('the fake says of every verb whether it was checked', async () => {
  const declared = Object.keys(cloudTasksService()).toSorted()
  expect([...UNCHECKED, 'GetQueue', 'CreateTask'].toSorted()).toEqual(declared)
  await using receiver = await postReceiver()
  await using queue = await open(receiver, QUEUES)
  const client = new CloudTasksClient({ projectId: PROJECT, ...fakeConnection(queue.fake.address) })
  const name = client.queuePath(PROJECT, LOCATION, 'archive-stream')
  const [found] = await client.getQueue({ name })
  expect(found).toMatchObject({ name, state: 'RUNNING' })
  await expect(client.purgeQueue({ name })).rejects.toMatchObject({ code: 12 })
  await client.close()
})
