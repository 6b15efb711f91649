import type { SQSRecord } from 'aws-lambda'
import { z } from 'zod'
import { HAND_OFF_ATTRIBUTES, handOffKey } from '#shared/domain/hand-off.ts'

/** One event as the bus takes it: `data` is EventBridge's own text, untouched. */
export type ForwardedMessage = {
  orderingKey: string
  attributes: Readonly<Record<string, string>>
  data: string
  /** The provider's own instant, in ms since the epoch. */
  atMs: number
}

/** Longest ordering key and attribute that Pub/Sub takes, in bytes. */
const TEXT_BYTES_MAX = 1_024

const text = z.string().min(1).max(TEXT_BYTES_MAX)
const envelope = z.object({
  id: text,
  source: text,
  'detail-type': text,
  account: z.string(),
  region: z.string(),
  time: z.iso.datetime(),
  resources: z.array(text),
  detail: z.record(z.string(), z.unknown()),
})

/**
 * The message that a record of the queue stands for; pure. The event's facts stay as they are: only what decides its
 * way is read. Throws when the body is not an event of EventBridge.
 */
export function forwardedMessage(record: Pick<SQSRecord, 'body' | 'attributes'>, nowMs: number): ForwardedMessage {
  const event = envelope.parse(JSON.parse(record.body))
  return {
    orderingKey: handOffKey(event),
    attributes: {
      [HAND_OFF_ATTRIBUTES.eventId]: event.id,
      [HAND_OFF_ATTRIBUTES.source]: event.source,
      [HAND_OFF_ATTRIBUTES.type]: event['detail-type'],
      [HAND_OFF_ATTRIBUTES.queuedAt]: record.attributes.SentTimestamp,
      [HAND_OFF_ATTRIBUTES.forwardedAt]: String(nowMs),
    },
    data: record.body,
    atMs: Date.parse(event.time),
  }
}
