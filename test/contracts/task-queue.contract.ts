import { expect, test } from 'vitest'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { Queue } from '#shared/domain/topology.ts'
import type { TaskQueue, Wake } from '#shared/ports/task-queue/task-queue.ts'
import { eventually } from '../helpers/eventually.ts'
import { type PushAnswer, postReceiver, type PostReceiver, type ReceivedPush } from '../helpers/post-receiver.ts'

/** A task queue whose queues are these and call the receiver at `/tasks/<kind>`. */
export type OpenQueue = (options: {
  receiver: PostReceiver
  queues: readonly Queue[]
}) => Promise<TaskQueue & AsyncDisposable>

const ATTEMPTS = 3
const queueNamed = (name: string, changes: Partial<Queue> = {}): Queue => ({
  name,
  kind: name,
  service: 'channels',
  runner: 'service',
  maxPerSecond: 1_000,
  maxConcurrent: 4,
  attempts: ATTEMPTS,
  backoffMinS: 0.01,
  backoffMaxS: 0.05,
  leaseS: 30,
  ...changes,
})
const wakeOf = (jobId: string, changes: Partial<Wake> = {}): Wake => ({ queue: 'work', jobId, attempt: 0, ...changes })
const jobs = (receiver: PostReceiver): unknown[] =>
  receiver.received.map(({ body }) => (body as { job_id: string }).job_id)

/** What every TaskQueue promises; one without `names` calls again for a name that was used before, which jobs do not mind. */
export function taskQueueContract(openQueue: OpenQueue, remembers: { names: boolean } = { names: true }): void {
  const open = async (
    queues: readonly Queue[] = [queueNamed('work')],
    answer?: (push: ReceivedPush) => PushAnswer | Promise<PushAnswer>,
  ) => {
    const receiver = await postReceiver(answer ?? (() => ({ status: 200 })))
    const queue = await openQueue({ receiver, queues })
    return {
      queue,
      receiver,
      async [Symbol.asyncDispose]() {
        await queue[Symbol.asyncDispose]()
        await receiver[Symbol.asyncDispose]()
      },
    }
  }

  test('a wake-up is one signed call of the kind’s route, in Cloud Tasks’ shape', async () => {
    await using at = await open()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await at.queue.wake(wakeOf('job-1', { attempt: 7, traceparent }))
    await eventually(() => at.receiver.received.length === 1)
    expect(at.receiver.received[0]).toMatchObject({
      path: '/tasks/work',
      body: { job_id: 'job-1' },
      headers: {
        'x-cloudtasks-queuename': 'work',
        'x-cloudtasks-taskname': 'job-1-7',
        'x-cloudtasks-taskretrycount': '0',
        traceparent,
      },
    })
    expect(at.receiver.received[0]?.headers.authorization).toMatch(/^Bearer \S+$/)
  })

  test.runIf(remembers.names)('a name that was used before is ignored, also after the call', async () => {
    await using at = await open()
    await Promise.all([at.queue.wake(wakeOf('job-1')), at.queue.wake(wakeOf('job-1'))])
    await eventually(() => at.receiver.received.length === 1)
    await at.queue.wake(wakeOf('job-1'))
    await at.queue.wake(wakeOf('job-1', { attempt: 1 }))
    await eventually(() => at.receiver.received.length === 2)
    expect(at.receiver.received.map(({ headers }) => headers['x-cloudtasks-taskname'])).toEqual(['job-1-0', 'job-1-1'])
  })

  test('a call is not made before its time', async () => {
    await using at = await open()
    const dueMs = Date.now() + 300
    await at.queue.wake(wakeOf('later', { notBefore: rfc3339(dueMs) }))
    await at.queue.wake(wakeOf('now'))
    await eventually(() => at.receiver.received.length === 2)
    expect(Date.now()).toBeGreaterThanOrEqual(dueMs)
    expect(jobs(at.receiver)).toEqual(['now', 'later'])
  })

  test('a failed call is made again with its retries counted, and dropped past its attempts', async () => {
    await using at = await open(undefined, ({ body }) => ({
      status: (body as { job_id: string }).job_id === 'bad' ? 500 : 200,
    }))
    await at.queue.wake(wakeOf('bad'))
    await eventually(() => at.receiver.received.length === ATTEMPTS)
    expect(at.receiver.received.map(({ headers }) => headers['x-cloudtasks-taskretrycount'])).toEqual(['0', '1', '2'])
    await at.queue.wake(wakeOf('good'))
    await eventually(() => jobs(at.receiver).at(-1) === 'good')
    expect(at.receiver.received).toHaveLength(ATTEMPTS + 1)
  })

  test('a handler that is away loses nothing', async () => {
    await using at = await open()
    await at.receiver.down()
    await at.queue.wake(wakeOf('job-1'))
    await at.receiver.up()
    await eventually(() => jobs(at.receiver).includes('job-1'))
  })

  test('no more calls are under way than the queue allows, and all are made', async () => {
    const gate = Promise.withResolvers<void>()
    await using at = await open([queueNamed('work', { maxConcurrent: 2 })], async () => {
      await gate.promise
      return { status: 200 }
    })
    await Promise.all(Array.from({ length: 9 }, async (_, index) => await at.queue.wake(wakeOf(`job-${index}`))))
    await eventually(() => at.receiver.underWay.now === 2)
    gate.resolve()
    await eventually(() => at.receiver.received.length === 9)
    expect(at.receiver.underWay.most).toBe(2)
    expect(new Set(jobs(at.receiver)).size).toBe(9)
  })

  test('no more calls start in a second than the queue allows', async () => {
    const startedAt: number[] = []
    await using at = await open([queueNamed('work', { maxPerSecond: 5 })], () => {
      startedAt.push(performance.now())
      return { status: 200 }
    })
    const askedAt = performance.now()
    await Promise.all(Array.from({ length: 8 }, async (_, index) => await at.queue.wake(wakeOf(`job-${index}`))))
    await eventually(() => at.receiver.received.length === 8)
    // Five at once, then one each 200 ms: the last of eight starts 600 ms after it was asked for, whatever the machine does.
    expect((startedAt.at(-1) ?? 0) - askedAt).toBeGreaterThan(590)
  })

  test('queues do not wait for each other', async () => {
    await using at = await open([queueNamed('work', { maxConcurrent: 1 }), queueNamed('other')], ({ path }) =>
      path === '/tasks/work' ? 'hang' : { status: 200 },
    )
    await at.queue.wake(wakeOf('stuck'))
    await at.queue.wake(wakeOf('free', { queue: 'other' }))
    await eventually(() => jobs(at.receiver).includes('free'))
  })

  test('a queue the topology does not have is refused', async () => {
    await using at = await open()
    await expect(at.queue.wake(wakeOf('job-1', { queue: 'nowhere' }))).rejects.toThrow('nowhere')
  })
}
