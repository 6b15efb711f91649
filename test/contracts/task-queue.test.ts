import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Queue } from '#shared/domain/topology.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { tableTaskQueue } from '#shared/ports/task-queue/table-task-queue.ts'
import { eventually } from '../helpers/eventually.ts'
import { onEveryEngine, type OpenEngine } from '../helpers/every-engine.ts'
import { postReceiver, type PostReceiver } from '../helpers/post-receiver.ts'
import { taskQueueContract } from './task-queue.contract.ts'

onEveryEngine(openFresh => {
  let engine: OpenEngine
  beforeAll(async () => {
    engine = await openFresh()
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })
  const open = (receiver: PostReceiver, queues: readonly Queue[], now = Date.now) =>
    tableTaskQueue({
      engine,
      queues,
      now,
      sign: async audience => `token-for-${audience}`,
      destination: ({ kind, service }) => ({ url: `${receiver.url}/tasks/${kind}`, audience: service }),
    })
  const queue: Queue = {
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
  const jobs = (receiver: PostReceiver) => receiver.received.map(({ body }) => (body as { job_id: string }).job_id)
  const empty = async (): Promise<void> => {
    await engine.execute(plainSql('queue.empty', 'DELETE FROM queue_tasks'))
  }

  describe('the task queue contract', () => {
    taskQueueContract(async ({ receiver, queues }) => {
      await empty()
      return open(receiver, queues)
    })
  })

  test('a call that was cut by a restart is made again, one that ended is not', async () => {
    await empty()
    await using receiver = await postReceiver(({ body }) =>
      (body as { job_id: string }).job_id === 'cut' && receiver.received.length < 3 ? 'hang' : { status: 200 },
    )
    {
      await using tasks = open(receiver, [queue])
      await tasks.wake({ queue: 'work', jobId: 'done', attempt: 0 })
      await eventually(() => jobs(receiver).length === 1)
      await tasks.wake({ queue: 'work', jobId: 'cut', attempt: 0 })
      await eventually(() => jobs(receiver).length === 2)
    }
    await using _tasks = open(receiver, [queue])
    await eventually(() => jobs(receiver).length === 3)
    expect(jobs(receiver)).toEqual(['done', 'cut', 'cut'])
  })

  test('more than memory holds waits in the table', async () => {
    await empty()
    await using receiver = await postReceiver(() => ({ status: 200 }))
    await receiver.down()
    await using tasks = open(receiver, [queue])
    const names = Array.from({ length: 600 }, (_, index) => `job-${index}`)
    await Promise.all(names.map(async jobId => await tasks.wake({ queue: 'work', jobId, attempt: 0 })))
    await receiver.up()
    await eventually(() => receiver.received.length === names.length)
    expect(new Set(jobs(receiver))).toEqual(new Set(names))
  })

  test('the name of an ended task is forgotten after an hour', async () => {
    await empty()
    let nowMs = Date.now()
    await using receiver = await postReceiver(() => ({ status: 200 }))
    await using tasks = open(receiver, [queue], () => nowMs)
    await tasks.wake({ queue: 'work', jobId: 'again', attempt: 0 })
    await eventually(() => receiver.received.length === 1)
    await eventually(async () => {
      // Again and again, because the end of the call may be noted after the answer has arrived.
      nowMs += 2 * 3_600_000
      await tasks.wake({ queue: 'work', jobId: 'again', attempt: 0 })
      return receiver.received.length === 2
    })
  })
})
