import type { Transaction } from '#shared/ports/database/database.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

const remember = namedQuery('inbox.remember', ['evt_sample', 'channels--media'], (eventKey: string, consumer: string) =>
  tables
    .insertInto('inbox')
    .values({ event_key: eventKey, consumer })
    .onConflict(conflict => conflict.columns(['event_key', 'consumer']).doNothing())
    .returning('event_key'),
)

/**
 * Whether this consumer sees the event for the first time; recorded in the transaction of the effect, so that both
 * happen or neither. A second delivery answers false and the caller leaves everything as it is.
 */
export async function firstTime(tx: Transaction, eventKey: string, consumer: string): Promise<boolean> {
  const { rows } = await tx.write(remember(eventKey, consumer))
  return rows.length > 0
}
