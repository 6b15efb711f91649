import type { Database } from './database.ts'
import type { Statement } from './named-query.ts'

/** A database that speaks PostgreSQL, as the adapters see it that are built on its tables and notifications. */
export interface TableEngine extends Database {
  /** Runs one statement as its own transaction at read committed; durable when it resolves. */
  execute<Row>(statement: Statement<Row>): Promise<{ rows: Row[]; changed: number }>
  /** Calls back for every NOTIFY on the channel that was committed after this resolved, until disposed. */
  listen(channel: string, onNotify: (payload: string) => void): Promise<AsyncDisposable>
}

/** A statement of plain PostgreSQL, for such adapters only; the product's queries are named ones. */
export function plainSql<Row>(
  name: string,
  sql: string,
  parameters: Statement<Row>['parameters'] = [],
): Statement<Row> {
  return { name, sql, parameters }
}
