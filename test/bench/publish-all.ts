import { randomUUID } from 'node:crypto'
import type { Subscription } from '../../shared/domain/topology.ts'
import type { EventBus } from '../../shared/ports/event-bus/event-bus.ts'
import type { Sample } from './bench-row.ts'
import type { PushReceiver } from './push-receiver.ts'
import { median } from './quartiles.ts'

/** Messages of one round: one at a time for the latency, together for the throughput. */
export const BUS_MESSAGES = { whole: { alone: 60, together: 2_000 }, quick: { alone: 10, together: 300 } }
/** Aggregates the messages are about; each is ordered. */
export const BUS_KEYS = 100
/** A typical domain event, in characters. */
export const BUS_PAYLOAD = JSON.stringify({ specversion: '1.0', data: 'x'.repeat(900) })

export const BUS_SUBSCRIPTION: Subscription = {
  name: 'bench',
  topic: 'streams',
  service: 'bench',
  events: 'all',
  ordered: true,
  attempts: 5,
  ackDeadlineS: 30,
}

export type Publish = (message: { id: string; key: string }) => Promise<unknown>
type Count = { alone: number; together: number }

/** Publishes as the relay does. */
export function publishOn(bus: EventBus): Publish {
  return async ({ id, key }) => {
    const attributes = { type: 'stream.ended', bench: id }
    await bus.publish('streams', [{ id, orderingKey: key, attributes, data: BUS_PAYLOAD }])
  }
}

/** One at a time, then all together; every message must arrive. */
export async function publishAll(
  alone: Publish,
  together: Publish,
  receiver: PushReceiver,
  count: Count,
): Promise<Sample> {
  const latencies: number[] = []
  for (let index = 0; index < count.alone; index += 1) {
    const id = randomUUID()
    const handled = receiver.handled(id)
    const startedAt = performance.now()
    await alone({ id, key: `subject-${index % BUS_KEYS}` })
    latencies.push((await handled) - startedAt)
  }
  const ids = Array.from({ length: count.together }, () => randomUUID())
  const handled = ids.map(id => receiver.handled(id))
  const startedAt = performance.now()
  await Promise.all(ids.map((id, index) => together({ id, key: `subject-${index % BUS_KEYS}` })))
  const last = Math.max(...(await Promise.all(handled)))
  return { p50: median(latencies), throughput: (count.together * 1_000) / (last - startedAt) }
}
