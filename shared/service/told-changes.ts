import type { Broadcast } from '#shared/ports/broadcast/broadcast.ts'
import type { Database, Transaction } from '#shared/ports/database/database.ts'

/** What the running attempt of a transaction changed. */
const noted = new WeakMap<Transaction, Set<string>>()

/** Where whoever follows a subject listens. */
export function changesOf(subject: string): string {
  return `changed:${subject}`
}

/** Notes that the transaction changes the subject, for those who follow it; nothing is told before the commit. */
export function noteChange(tx: Transaction, subject: string): void {
  noted.get(tx)?.add(subject)
}

/**
 * The same database, which tells after each commit what it changed to whoever follows that, in every instance.
 *
 * A hint: the commit waits for nobody, and a process that dies after it tells nothing. Followers look by themselves now and
 * then.
 */
export function toldChanges(database: Database, broadcast: Broadcast): Database {
  return {
    read: statement => database.read(statement),
    ping: signal => database.ping(signal),
    transaction: async (body, options) => {
      let subjects = new Set<string>()
      const result = await database.transaction(tx => {
        subjects = new Set()
        noted.set(tx, subjects)
        return body(tx)
      }, options)
      for (const subject of subjects) void broadcast.publish(changesOf(subject), '')
      return result
    },
  }
}
