import type { Subscription } from '#shared/domain/topology.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { plainSql, type TableEngine } from '#shared/ports/database/table-engine.ts'
import type { BusMessage, DeadLetter } from './event-bus.ts'

/** One message on its way to one subscription. */
export type Delivery = {
  seq: number
  messageId: string
  orderingKey: string
  attributes: Record<string, string>
  data: string
  publishedAt: string
  attempts: number
  notBefore: string | null
}

type Row = {
  subscription: string
  seq: number
  message_id: string
  ordering_key: string
  attributes: Record<string, string>
  data: string
  published_at: string
  attempts: number
  not_before: string | null
}

/** Longest error text kept with a message, in characters. */
const ERROR_CHARACTERS_MAX = 500

/** The statements of the bus; each is one write or one read of few rows. */
export interface BusRows {
  /** Stores every message once per subscription, in the given order. */
  add(
    entries: readonly { subscription: string; message: BusMessage }[],
    publishedAt: string,
  ): Promise<{ subscription: string; delivery: Delivery }[]>
  after(subscription: string, seq: number, limit: number): Promise<Delivery[]>
  acknowledge(subscription: string, seqs: readonly number[]): Promise<void>
  postpone(subscription: string, seq: number, attempts: number, notBefore: string, error: string): Promise<void>
  bury(subscription: string, seq: number, attempts: number, error: string, at: string): Promise<void>
  dead(subscription: string, limit: number): Promise<DeadLetter[]>
  /** Puts a dead letter behind everything that waits. */
  revive(subscription: string, messageId: string): Promise<Delivery | undefined>
  waiting(): Promise<{ subscription: string; waiting: number; oldest: string }[]>
}

const DELIVERY = 'subscription, seq, message_id, ordering_key, attributes, data, published_at, attempts, not_before'

const ADD = `
  INSERT INTO bus_deliveries (subscription, message_id, ordering_key, attributes, data, published_at)
  SELECT e.subscription, e.message_id, e.ordering_key, e.attributes, e.data, $2::timestamptz
  FROM jsonb_to_recordset($1::jsonb) AS e(subscription text, message_id text, ordering_key text, attributes jsonb, data text)
  RETURNING ${DELIVERY}`

const AFTER = `
  SELECT ${DELIVERY} FROM bus_deliveries
  WHERE subscription = $1 AND seq > $2 AND died_at IS NULL ORDER BY seq LIMIT $3`

const REVIVE = `
  UPDATE bus_deliveries SET seq = DEFAULT, died_at = NULL, attempts = 0, not_before = NULL
  WHERE subscription = $1 AND seq = (
    SELECT min(seq) FROM bus_deliveries WHERE subscription = $1 AND message_id = $2 AND died_at IS NOT NULL
  ) RETURNING ${DELIVERY}`

export function busRows(engine: TableEngine): BusRows {
  const execute = async <Result>(name: string, sql: string, parameters: Parameters<typeof plainSql>[2]) =>
    (await engine.execute(plainSql<Result>(name, sql, parameters))).rows

  return {
    async add(entries, publishedAt) {
      const rows = entries.map(({ subscription, message }) => ({
        subscription,
        message_id: message.id,
        ordering_key: message.orderingKey,
        attributes: message.attributes,
        data: message.data,
      }))
      const added = await execute<Row>('bus.add', ADD, [json(rows), publishedAt])
      return added.map(row => ({ subscription: row.subscription, delivery: deliveryOf(row) }))
    },
    after: async (subscription, seq, limit) =>
      (await engine.read(plainSql<Row>('bus.after', AFTER, [subscription, seq, limit]))).map(row => deliveryOf(row)),
    async acknowledge(subscription, seqs) {
      await execute(
        'bus.acknowledge',
        'DELETE FROM bus_deliveries WHERE subscription = $1 AND seq = ANY($2::bigint[])',
        [subscription, seqs.map(String)],
      )
    },
    async postpone(subscription, seq, attempts, notBefore, error) {
      await execute(
        'bus.postpone',
        'UPDATE bus_deliveries SET attempts = $3, not_before = $4, last_error = $5 WHERE subscription = $1 AND seq = $2',
        [subscription, seq, attempts, notBefore, error.slice(0, ERROR_CHARACTERS_MAX)],
      )
    },
    async bury(subscription, seq, attempts, error, at) {
      await execute(
        'bus.bury',
        'UPDATE bus_deliveries SET attempts = $3, died_at = $4, last_error = $5 WHERE subscription = $1 AND seq = $2',
        [subscription, seq, attempts, at, error.slice(0, ERROR_CHARACTERS_MAX)],
      )
    },
    dead: async (subscription, limit) => await readDead(engine, subscription, limit),
    async revive(subscription, messageId) {
      const [row] = await execute<Row>('bus.revive', REVIVE, [subscription, messageId])
      return row === undefined ? undefined : deliveryOf(row)
    },
    waiting: async () =>
      await engine.read(
        plainSql<{ subscription: string; waiting: number; oldest: string }>(
          'bus.waiting',
          `SELECT subscription, count(*) AS waiting, min(published_at) AS oldest
           FROM bus_deliveries WHERE died_at IS NULL GROUP BY subscription`,
        ),
      ),
  }
}

async function readDead(engine: TableEngine, subscription: string, limit: number): Promise<DeadLetter[]> {
  const rows = await engine.read(
    plainSql<Row & { last_error: string | null; died_at: string }>(
      'bus.dead',
      `SELECT ${DELIVERY}, last_error, died_at FROM bus_deliveries
       WHERE subscription = $1 AND died_at IS NOT NULL ORDER BY died_at, seq LIMIT $2`,
      [subscription, limit],
    ),
  )
  return rows.map(row => ({
    message: { id: row.message_id, orderingKey: row.ordering_key, attributes: row.attributes, data: row.data },
    attempts: row.attempts,
    lastError: row.last_error ?? '',
    diedAt: row.died_at,
  }))
}

function deliveryOf(row: Row): Delivery {
  return {
    seq: row.seq,
    messageId: row.message_id,
    orderingKey: row.ordering_key,
    attributes: row.attributes,
    data: row.data,
    publishedAt: row.published_at,
    attempts: row.attempts,
    notBefore: row.not_before,
  }
}

/** Whether the subscription wants the message; the filter Pub/Sub has, on the attribute `type`. */
export function wants(subscription: Subscription, message: BusMessage): boolean {
  const type = message.attributes['type']
  return subscription.events === 'all' || type === undefined || subscription.events.some(event => event === type)
}
