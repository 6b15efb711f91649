import { expect, test } from 'vitest'
import type { Subscription } from '#shared/domain/topology.ts'
import {
  type BusMessage,
  type EventBus,
  MESSAGE_BYTES_MAX,
  type PushEnvelope,
} from '#shared/ports/event-bus/event-bus.ts'
import { eventually } from '../helpers/eventually.ts'
import { type PushAnswer, postReceiver, type PostReceiver, type ReceivedPush } from '../helpers/post-receiver.ts'

/** A bus whose subscriptions are these and are pushed to the receiver at `/push/<name>`, with short pauses. */
export type OpenBus = (options: {
  receiver: PostReceiver
  subscriptions: readonly Subscription[]
}) => Promise<EventBus & AsyncDisposable>

/** Where a bus, or the emulator of one, falls short. */
export type BusLimits = {
  /** It gives messages ids of its own, and carries theirs in this attribute. */
  idAttribute?: string
  /** Its pushes do not tell the ordering key. */
  keyUntold?: boolean
  /** It cannot count what waits. */
  backlogUncounted?: boolean
}

const ATTEMPTS = 3
const subscription = (name: string, changes: Partial<Subscription> = {}): Subscription => ({
  name,
  topic: 'media-events',
  service: 'channels',
  events: 'all',
  ordered: true,
  attempts: ATTEMPTS,
  ackDeadlineS: 5,
  ...changes,
})
const message = (id: string, orderingKey = id, type = 'provider.health'): BusMessage => ({
  id,
  orderingKey,
  attributes: { type },
  data: JSON.stringify({ id, text: 'ü' }),
})
const envelopeOf = ({ body }: ReceivedPush): PushEnvelope => body as PushEnvelope
/** What every EventBus promises. */
export function eventBusContract(openBus: OpenBus, limits: BusLimits = {}): void {
  const idOf = (push: ReceivedPush): string => {
    const { messageId, attributes } = envelopeOf(push).message
    return limits.idAttribute === undefined ? messageId : (attributes[limits.idAttribute] ?? '')
  }
  const idsAt = (receiver: PostReceiver, name: string): string[] =>
    receiver.received.filter(({ path }) => path === `/push/${name}`).map(idOf)
  const published = (message: BusMessage): BusMessage =>
    limits.keyUntold === true ? { ...message, orderingKey: '' } : message
  const open = async (
    subscriptions: readonly Subscription[],
    answer?: (push: ReceivedPush) => PushAnswer | Promise<PushAnswer>,
  ) => {
    const receiver = await postReceiver(answer)
    const bus = await openBus({ receiver, subscriptions })
    return {
      bus,
      receiver,
      async [Symbol.asyncDispose]() {
        await bus[Symbol.asyncDispose]()
        await receiver[Symbol.asyncDispose]()
      },
    }
  }

  test('a published message is pushed in Pub/Sub’s shape, with a bearer token', async () => {
    await using at = await open([subscription('one')])
    await at.bus.publish('media-events', [message('m1', 'key')])
    await eventually(() => at.receiver.received.length === 1)
    const [push] = at.receiver.received
    expect(push).toMatchObject({ path: '/push/one' })
    expect(push?.headers.authorization).toMatch(/^Bearer \S+$/)
    expect(push?.headers['content-type']).toBe('application/json')
    const body = push === undefined ? undefined : envelopeOf(push)
    expect(body).toMatchObject({ subscription: 'one', deliveryAttempt: 1 })
    expect(push === undefined ? '' : idOf(push)).toBe('m1')
    expect(body?.message).toMatchObject({ attributes: { type: 'provider.health' } })
    if (limits.keyUntold !== true) expect(body?.message.orderingKey).toBe('key')
    expect(Buffer.from(body?.message.data ?? '', 'base64').toString('utf8')).toBe(message('m1').data)
    expect(Date.parse(body?.message.publishTime ?? '')).not.toBeNaN()
  })

  test('each subscription gets its own copy, and only of what it wants', async () => {
    await using at = await open([
      subscription('all'),
      subscription('some', { events: ['provider.stream_state'] }),
      subscription('elsewhere', { topic: 'jobs' }),
    ])
    await at.bus.publish('media-events', [message('h'), message('s', 's', 'provider.stream_state')])
    await eventually(
      () => [idsAt(at.receiver, 'all').toSorted(), idsAt(at.receiver, 'some')],
      found => expect(found).toEqual([['h', 's'], ['s']]),
    )
    await eventually(
      async () => await at.bus.backlog(),
      found => expect(found).toEqual([]),
    )
    expect(idsAt(at.receiver, 'elsewhere')).toEqual([])
  })

  test('messages of one key arrive in publish order, keys side by side', async () => {
    await using at = await open([subscription('one')])
    const messages = Array.from({ length: 120 }, (_, index) => message(`m${index}`, `key-${index % 6}`))
    await Promise.all(messages.map(async each => await at.bus.publish('media-events', [each])))
    await eventually(() => at.receiver.received.length === messages.length)
    for (let key = 0; key < 6; key += 1) {
      const wanted = messages.filter(({ orderingKey }) => orderingKey === `key-${key}`).map(({ id }) => id)
      expect(idsAt(at.receiver, 'one').filter(id => wanted.includes(id))).toEqual(wanted)
    }
  })

  test('a key waits for its head while other keys go on', async () => {
    const release = Promise.withResolvers<void>()
    await using at = await open([subscription('one')], async push => {
      if (idOf(push) === 'a1') await release.promise
      return { status: 204 }
    })
    await at.bus.publish('media-events', [
      message('a1', 'a'),
      message('a2', 'a'),
      message('b1', 'b'),
      message('b2', 'b'),
    ])
    await eventually(
      () => idsAt(at.receiver, 'one'),
      found => expect(found).toEqual(expect.arrayContaining(['a1', 'b1', 'b2'])),
    )
    expect(idsAt(at.receiver, 'one')).not.toContain('a2')
    release.resolve()
    await eventually(() => idsAt(at.receiver, 'one').includes('a2'))
  })

  test('what is refused comes again with its attempts counted, in order', async () => {
    let refusals = 2
    await using at = await open([subscription('one')], push => ({
      status: idOf(push) === 'm1' && (refusals -= 1) >= 0 ? 500 : 204,
    }))
    await at.bus.publish('media-events', [message('m1', 'k'), message('m2', 'k')])
    await eventually(
      () => at.receiver.received.map(push => [idOf(push), envelopeOf(push).deliveryAttempt]),
      found =>
        expect(found).toEqual([
          ['m1', 1],
          ['m1', 2],
          ['m1', 3],
          ['m2', 1],
        ]),
    )
  })

  test('past its attempts a message is a dead letter that can be replayed, and its key goes on', async () => {
    let poisoned = true
    await using at = await open([subscription('one')], push => ({
      status: poisoned && idOf(push) === 'bad' ? 422 : 204,
      body: 'indigestible',
    }))
    await at.bus.publish('media-events', [message('bad', 'k'), message('good', 'k')])
    await eventually(() => idsAt(at.receiver, 'one').includes('good'))
    const letters = await at.bus.deadLetters('one', 10)
    expect(letters).toMatchObject([{ message: published(message('bad', 'k')), attempts: ATTEMPTS }])
    expect(letters[0]?.lastError).toContain('indigestible')
    poisoned = false
    expect(await at.bus.replay('one', 'bad')).toBe(true)
    expect(await at.bus.replay('one', 'no such message')).toBe(false)
    await eventually(() => idsAt(at.receiver, 'one').at(-1) === 'bad')
    expect(await at.bus.deadLetters('one', 10)).toEqual([])
  })

  test('a consumer that is away or overloaded loses nothing and uses up no attempt', async () => {
    let busy = ATTEMPTS + 2
    await using at = await open([subscription('one')], () => ({ status: (busy -= 1) >= 0 ? 503 : 204 }))
    await at.receiver.down()
    await at.bus.publish('media-events', [message('m1', 'k'), message('m2', 'k')])
    if (limits.backlogUncounted !== true) {
      await eventually(
        async () => await at.bus.backlog(),
        found => expect(found).toMatchObject([{ subscription: 'one', waiting: 2 }]),
      )
    }
    await at.receiver.up()
    await eventually(() => idsAt(at.receiver, 'one').at(-1) === 'm2')
    expect(await at.bus.deadLetters('one', 10)).toEqual([])
    expect(at.receiver.received.map(push => envelopeOf(push).deliveryAttempt)).toEqual(
      at.receiver.received.map(() => 1),
    )
  })

  test('a consumer that does not answer in time gets the message again', async () => {
    let hangs = 1
    await using at = await open([subscription('one', { ackDeadlineS: 0.2 })], () =>
      (hangs -= 1) >= 0 ? 'hang' : { status: 204 },
    )
    await at.bus.publish('media-events', [message('m1')])
    await eventually(() => at.receiver.received.length === 2)
    expect(at.receiver.received.map(push => envelopeOf(push).deliveryAttempt)).toEqual([1, 2])
  })

  test('an unordered subscription does not wait for a head', async () => {
    await using at = await open([subscription('one', { ordered: false })], push =>
      idOf(push) === 'stuck' ? 'hang' : { status: 204 },
    )
    await at.bus.publish('media-events', [message('stuck', 'k'), message('m2', 'k'), message('m3', 'k')])
    await eventually(
      () => idsAt(at.receiver, 'one').toSorted(),
      found => expect(found).toEqual(['m2', 'm3', 'stuck']),
    )
  })

  test('a message that is too large is refused', async () => {
    await using at = await open([subscription('one')])
    const large = { ...message('large'), data: 'x'.repeat(MESSAGE_BYTES_MAX + 1) }
    await expect(at.bus.publish('media-events', [large])).rejects.toThrow('larger')
  })

  test('a topic without subscriptions takes messages and drops them', async () => {
    await using at = await open([subscription('one')])
    await expect(at.bus.publish('jobs', [message('m1')])).resolves.toBeUndefined()
  })
}
