import { randomUUID } from 'node:crypto'
import type { Subscription } from '../../../shared/domain/topology.ts'
import { tableEventBus } from '../../../shared/ports/event-bus/table-event-bus.ts'
import { testDatabase } from '../../helpers/test-database.ts'
import type { BenchRow, Sample } from '../bench-row.ts'
import { pubsubEmulator } from '../peers/pubsub-emulator.ts'
import { pushReceiver, type PushReceiver } from '../push-receiver.ts'
import { median } from '../quartiles.ts'

/** Messages of one round: one at a time for the latency, together for the throughput. */
const MESSAGES = { whole: { alone: 60, together: 2_000 }, quick: { alone: 10, together: 300 } }
/** Aggregates the messages are about; each is ordered. */
const KEYS = 100
/** A typical domain event, in characters. */
const PAYLOAD = JSON.stringify({ specversion: '1.0', data: 'x'.repeat(900) })

const SUBSCRIPTION: Subscription = {
  name: 'bench',
  topic: 'streams',
  service: 'bench',
  events: 'all',
  ordered: true,
  attempts: 5,
  ackDeadlineS: 30,
}

type Publish = (message: { id: string; key: string }) => Promise<unknown>
type Count = { alone: number; together: number }

/** One at a time, then all together; every message must arrive. */
async function publishAll(alone: Publish, together: Publish, receiver: PushReceiver, count: Count): Promise<Sample> {
  const latencies: number[] = []
  for (let index = 0; index < count.alone; index += 1) {
    const id = randomUUID()
    const handled = receiver.handled(id)
    const startedAt = performance.now()
    await alone({ id, key: `subject-${index % KEYS}` })
    latencies.push((await handled) - startedAt)
  }
  const ids = Array.from({ length: count.together }, () => randomUUID())
  const handled = ids.map(id => receiver.handled(id))
  const startedAt = performance.now()
  await Promise.all(ids.map((id, index) => together({ id, key: `subject-${index % KEYS}` })))
  const last = Math.max(...(await Promise.all(handled)))
  return { p50: median(latencies), throughput: (count.together * 1_000) / (last - startedAt) }
}

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
        subscriptions: [SUBSCRIPTION],
      }),
    )
    const single = await emulator.topic('single', receiver.url, { batched: false })
    const batched = await emulator.topic('batched', receiver.url, { batched: true })
    const embedded: Publish = ({ id, key }) =>
      bus.publish('streams', [{ id, orderingKey: key, attributes: { type: 'stream.ended', bench: id }, data: PAYLOAD }])
    const message = ({ id, key }: { id: string; key: string }) => ({
      data: Buffer.from(PAYLOAD),
      orderingKey: key,
      attributes: { bench: id },
    })
    const count = quick ? MESSAGES.quick : MESSAGES.whole
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
      notes: [`${count.alone} messages one at a time, ${count.together} together over ${KEYS} ordering keys`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
