import { makePubsubTopology } from '../../../shared/ports/event-bus/pubsub-topology.ts'
import { pubsubClient, pubsubEventBus } from '../../../shared/ports/event-bus/pubsub-event-bus.ts'
import { tableEventBus } from '../../../shared/ports/event-bus/table-event-bus.ts'
import { missingEmulator, startEmulator } from '../../helpers/emulators/emulator-process.ts'
import { pubsubBridge } from '../../helpers/emulators/pubsub-bridge.ts'
import { pubsubServiceEmulator } from '../../helpers/emulators/pubsub-service-emulator.ts'
import { testDatabase } from '../../helpers/test-database.ts'
import { type BenchRow, MissingPeer } from '../bench-row.ts'
import { BUS_KEYS, BUS_MESSAGES, BUS_SUBSCRIPTION, publishAll, publishOn } from '../publish-all.ts'
import { pushReceiver } from '../push-receiver.ts'

const PROJECT = 'bench'

/** The bus of `--on emulators` beside the embedded one: the same messages through the same port to one consumer. */
export const busOnEmulators: BenchRow = {
  id: '13e',
  name: 'bus-on-emulators',
  title: 'bus publish → handled, on emulators beside embedded',
  metrics: [
    { key: 'p50', title: 'p50', unit: 'ms', goal: { atMost: 250 } },
    { key: 'throughput', title: 'throughput', unit: '/s', goal: { atLeast: 50 } },
  ],
  rounds: 5,
  quickRounds: 1,
  ready: async ({ quick }) => {
    const missing = missingEmulator(pubsubServiceEmulator)
    if (missing !== undefined) throw new MissingPeer(missing)
    const parts = new AsyncDisposableStack()
    const receiver = parts.use(await pushReceiver())
    const emulator = parts.use(await startEmulator(pubsubServiceEmulator))
    const options = { projectId: PROJECT, endpoint: emulator.address, emulated: true }
    const client = pubsubClient(options)
    parts.defer(async () => await client.close())
    const subscriptions = [BUS_SUBSCRIPTION]
    const destination = () => ({ url: receiver.url, audience: 'bench' })
    const sign = () => Promise.resolve('bench')
    const bridge = parts.use(await pubsubBridge({ client, subscriptions, destination, sign }))
    await makePubsubTopology(client, { topics: [BUS_SUBSCRIPTION.topic], subscriptions, endpoint: bridge.endpoint })
    const emulated = publishOn(parts.use(pubsubEventBus({ ...options, subscriptions })))
    const engine = parts.use(await testDatabase())
    const embedded = publishOn(parts.use(tableEventBus({ engine, destination, sign, now: Date.now, subscriptions })))
    const count = quick ? BUS_MESSAGES.quick : BUS_MESSAGES.whole
    return {
      ours: { name: 'Pub/Sub emulator', sample: () => publishAll(emulated, emulated, receiver, count) },
      peer: { name: 'embedded bus', sample: () => publishAll(embedded, embedded, receiver, count) },
      notes: [`${count.alone} messages one at a time, ${count.together} together over ${BUS_KEYS} ordering keys`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
