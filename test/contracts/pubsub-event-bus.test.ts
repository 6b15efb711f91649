import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Subscription, TOPICS } from '#shared/domain/topology.ts'
import { MESSAGE_ID, pubsubClient, pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { makePubsubTopology } from '#shared/ports/event-bus/pubsub-topology.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { pubsubBridge } from '../helpers/emulators/pubsub-bridge.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { postReceiver, type PostReceiver } from '../helpers/post-receiver.ts'
import { eventBusContract } from './event-bus.contract.ts'

const missing = missingEmulator(pubsubServiceEmulator)
const topics = TOPICS.map(({ name }) => name)
const KEPT: Subscription = {
  name: 'kept',
  topic: 'jobs',
  service: 'channels',
  events: 'all',
  ordered: true,
  attempts: 5,
  ackDeadlineS: 10,
}

describe.skipIf(missing !== undefined)(`on pub/sub${missing === undefined ? '' : `: ${missing}`}`, () => {
  let emulator: EmulatorProcess
  let projects = 0
  beforeAll(async () => {
    process.env['METADATA_SERVER_DETECTION'] = 'none'
    emulator = await startEmulator(pubsubServiceEmulator)
  })
  afterAll(async () => {
    await emulator[Symbol.asyncDispose]()
  })

  /** A bus in a project of its own; `topology` makes it anew after the emulator has lost everything. */
  const open = async (receiver: PostReceiver, subscriptions: readonly Subscription[]) => {
    projects += 1
    const options = { projectId: `project-${projects}`, endpoint: emulator.address, emulated: true, subscriptions }
    const parts = new AsyncDisposableStack()
    const client = pubsubClient(options)
    parts.defer(async () => await client.close())
    const bridge = parts.use(
      await pubsubBridge({
        client,
        subscriptions,
        destination: ({ name, service }) => ({ url: `${receiver.url}/push/${name}`, audience: service }),
        sign: async audience => `token-for-${audience}`,
      }),
    )
    const topology = async () => await makePubsubTopology(client, { topics, subscriptions, endpoint: bridge.endpoint })
    await topology()
    const bus = parts.use(pubsubEventBus(options))
    return { ...bus, topology, [Symbol.asyncDispose]: async () => await parts.disposeAsync() }
  }
  const message = (id: string, orderingKey = 'k') => ({ id, orderingKey, attributes: {}, data: '{}' })
  const idsAt = (receiver: PostReceiver) =>
    receiver.received.map(
      ({ body }) => (body as { message: { attributes: Record<string, string> } }).message.attributes[MESSAGE_ID],
    )

  describe('the event bus contract', () => {
    eventBusContract(async ({ receiver, subscriptions }) => await open(receiver, subscriptions), {
      idAttribute: MESSAGE_ID,
      keyUntold: true,
      backlogUncounted: true,
    })
  })

  test('a publish that failed is published again under the same key, in order', { timeout: 90_000 }, async () => {
    await using receiver = await postReceiver()
    await using bus = await open(receiver, [KEPT])
    await bus.publish('jobs', [message('m1')])
    await eventually(() => idsAt(receiver).includes('m1'))
    await emulator.kill()
    await expect(bus.publish('jobs', [message('m2'), message('m3')])).rejects.toThrow()
    await emulator.revive()
    await bus.topology()
    // As the relay does: from the first that was not confirmed, until the bus takes it.
    await eventually(
      async () => {
        await bus.publish('jobs', [message('m2'), message('m3')])
        return true
      },
      undefined,
      { withinMs: 60_000 },
    )
    await eventually(
      () => [...new Set(idsAt(receiver))],
      found => expect(found).toEqual(['m1', 'm2', 'm3']),
    )
  })

  test('a bus that hangs is told within ten seconds, and goes on where it stopped', { timeout: 90_000 }, async () => {
    await using receiver = await postReceiver()
    await using bus = await open(receiver, [KEPT])
    emulator.freeze()
    const startedAt = performance.now()
    await expect(bus.publish('jobs', [message('m1')])).rejects.toThrow()
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    emulator.thaw()
    await bus.publish('jobs', [message('m1'), message('m2')])
    await eventually(
      () => [...new Set(idsAt(receiver))],
      found => expect(found).toEqual(['m1', 'm2']),
    )
  })
})
