import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Clock } from '#shared/domain/clock.ts'
import type { Log } from '#shared/service/log.ts'
import { type ForwardedMessage, forwardedMessage } from './forwarded-message.ts'
import type { PublishMessages } from './pubsub-topic.ts'

export type ForwardDeps = { publish: PublishMessages; log: Log; now: Clock }

type Queued = { itemIdentifier: string; message: ForwardedMessage }

/** Messages of one request; far below what Pub/Sub takes, also when each is as long as the queue allows. */
const MESSAGES_MAX = 8

/**
 * Hands a batch of the queue on to the bus; what is named in the answer stays in the queue and comes again.
 *
 * Events of one key go one after the other in the order of their own time, keys side by side; behind a failure its key
 * stops. What is no event at all fails every time, until the queue sets it aside. Handing an event on twice is harmless:
 * its id is the same.
 */
export async function forwardBatch(
  deps: ForwardDeps,
  event: Pick<SQSEvent, 'Records'>,
  signal: AbortSignal,
): Promise<SQSBatchResponse> {
  const failed: string[] = []
  const keys = new Map<string, Queued[]>()
  for (const record of event.Records) {
    try {
      const message = forwardedMessage(record, deps.now())
      const queued = { itemIdentifier: record.messageId, message }
      keys.set(message.orderingKey, [...(keys.get(message.orderingKey) ?? []), queued])
    } catch (err) {
      deps.log.error({ err, messageId: record.messageId }, 'a record is not an event')
      failed.push(record.messageId)
    }
  }
  const late = await Promise.all([...keys.values()].map(queued => forwardKey(deps, queued, signal)))
  return { batchItemFailures: [...failed, ...late.flat()].map(itemIdentifier => ({ itemIdentifier })) }
}

/** Names what did not get through. */
async function forwardKey(deps: ForwardDeps, queued: readonly Queued[], signal: AbortSignal): Promise<string[]> {
  const inOrder = queued.toSorted((a, b) => a.message.atMs - b.message.atMs)
  for (let from = 0; from < inOrder.length; from += MESSAGES_MAX) {
    const batch = inOrder.slice(from, from + MESSAGES_MAX)
    try {
      await deps.publish(
        batch.map(({ message }) => message),
        signal,
      )
    } catch (err) {
      const rest = inOrder.slice(from)
      deps.log.error(
        { err, orderingKey: rest[0]?.message.orderingKey, events: rest.length },
        'events stay in the queue',
      )
      return rest.map(({ itemIdentifier }) => itemIdentifier)
    }
  }
  return []
}
