import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Subscription } from '#shared/domain/topology.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { tableEventBus } from '#shared/ports/event-bus/table-event-bus.ts'
import { eventually } from '../helpers/eventually.ts'
import { onEveryEngine, type OpenEngine } from '../helpers/every-engine.ts'
import { postReceiver, type PostReceiver } from '../helpers/post-receiver.ts'
import { eventBusContract } from './event-bus.contract.ts'

const BACKOFF = { minMs: 5, maxMs: 50 }

onEveryEngine(openFresh => {
  let engine: OpenEngine
  beforeAll(async () => {
    engine = await openFresh()
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })
  const open = (receiver: PostReceiver, subscriptions: readonly Subscription[]) =>
    tableEventBus({
      engine,
      subscriptions,
      now: Date.now,
      backoff: BACKOFF,
      sign: async audience => `token-for-${audience}`,
      destination: ({ name, service }) => ({ url: `${receiver.url}/push/${name}`, audience: service }),
    })
  const ordered: Subscription = {
    name: 'kept',
    topic: 'jobs',
    service: 'channels',
    events: 'all',
    ordered: true,
    attempts: 3,
    ackDeadlineS: 5,
  }
  beforeEach(async () => {
    await engine.execute(plainSql('bus.empty', 'DELETE FROM bus_deliveries'))
  })
  const message = (id: string) => ({ id, orderingKey: 'k', attributes: {}, data: '{}' })
  const ids = (receiver: PostReceiver) =>
    receiver.received.map(({ body }) => (body as { message: { messageId: string } }).message.messageId)

  describe('the event bus contract', () => {
    eventBusContract(async ({ receiver, subscriptions }) => open(receiver, subscriptions))
  })

  test('what was published before a restart is delivered after it, in order', async () => {
    await using receiver = await postReceiver()
    await receiver.down()
    const first = open(receiver, [ordered])
    const messages = Array.from({ length: 600 }, (_, index) => message(`m${index}`))
    await first.publish('jobs', messages)
    await first[Symbol.asyncDispose]()
    await receiver.up()
    await using _second = open(receiver, [ordered])
    await eventually(() => receiver.received.length === messages.length)
    expect(ids(receiver)).toEqual(messages.map(({ id }) => id))
  })

  test('an acknowledged message does not come again after a restart', async () => {
    await using receiver = await postReceiver()
    {
      await using bus = open(receiver, [ordered])
      await bus.publish('jobs', [message('once')])
      // Received is not yet acknowledged: a push whose answer is cut off comes again.
      await eventually(async () => (await bus.backlog()).every(({ waiting }) => waiting === 0))
    }
    await using bus = open(receiver, [ordered])
    await bus.publish('jobs', [message('later')])
    await eventually(() => ids(receiver).includes('later'))
    expect(ids(receiver)).toEqual(['once', 'later'])
  })

  test('more than memory holds waits in the table and keeps its order among new messages', async () => {
    await using receiver = await postReceiver()
    await receiver.down()
    await using bus = open(receiver, [ordered])
    const early = Array.from({ length: 1_500 }, (_, index) => message(`e${index}`))
    for (let at = 0; at < early.length; at += 300) await bus.publish('jobs', early.slice(at, at + 300))
    await receiver.up()
    await bus.publish('jobs', [message('last')])
    await eventually(() => ids(receiver).includes('last'))
    expect(ids(receiver)).toEqual([...early.map(({ id }) => id), 'last'])
  })
})
