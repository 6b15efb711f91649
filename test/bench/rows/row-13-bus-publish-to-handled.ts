import { tableEventBus } from '../../../shared/ports/event-bus/table-event-bus.ts'
import { testDatabase } from '../../helpers/test-database.ts'
import type { BenchRow } from '../bench-row.ts'
import { pubsubEmulator } from '../peers/pubsub-emulator.ts'
import { BUS_KEYS, BUS_MESSAGES, BUS_PAYLOAD, BUS_SUBSCRIPTION, publishAll, publishOn } from '../publish-all.ts'
import { pushReceiver } from '../push-receiver.ts'

/** The embedded bus beside Google's Pub/Sub emulator, both ordered and pushing to one consumer over HTTP. */
export const busPublishToHandled: BenchRow = {
  id: '13',
  name: 'bus-publish-to-handled',
  title: 'bus publish → handled',
  metrics: [
    { key: 'p50', title: 'p50', unit: 'ms', goal: { ratioMax: 0.2 } },
    { key: 'throughput', title: 'throughput', unit: '/s', goal: { ratioMin: 10 } },
  ],
  rounds: 7,
  quickRounds: 1,
  ready: async ({ quick, say }) => {
    const parts = new AsyncDisposableStack()
    const emulator = parts.use(await pubsubEmulator(say))
    const receiver = parts.use(await pushReceiver())
    const engine = parts.use(await testDatabase())
    const bus = parts.use(
      tableEventBus({
        engine,
        destination: () => ({ url: receiver.url, audience: 'bench' }),
        sign: () => Promise.resolve('bench'),
        now: Date.now,
        subscriptions: [BUS_SUBSCRIPTION],
      }),
    )
    const single = await emulator.topic('single', receiver.url, { batched: false })
    const batched = await emulator.topic('batched', receiver.url, { batched: true })
    const embedded = publishOn(bus)
    const message = ({ id, key }: { id: string; key: string }) => ({
      data: Buffer.from(BUS_PAYLOAD),
      orderingKey: key,
      attributes: { bench: id },
    })
    const count = quick ? BUS_MESSAGES.quick : BUS_MESSAGES.whole
    return {
      ours: { name: 'embedded bus', sample: () => publishAll(embedded, embedded, receiver, count) },
      peer: {
        name: 'Pub/Sub emulator',
        sample: () =>
          publishAll(
            one => single.publishMessage(message(one)),
            one => batched.publishMessage(message(one)),
            receiver,
            count,
          ),
      },
      notes: [`${count.alone} messages one at a time, ${count.together} together over ${BUS_KEYS} ordering keys`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
