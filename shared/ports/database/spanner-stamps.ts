import type { Statement } from './named-query.ts'

/** A table with a column that holds the time of its row's last commit. */
export type StampedTable = { table: string; column: string; key: readonly string[] }

/** Names of the key columns that ride along with a write's own rows. */
const RIDER = '~key'
const WRITES = /^\s*(?:insert\s+into|update)\s+"?(?<table>\w+)"?/i
/** Literals and quoted names, in which a word means nothing. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g

type Row = Record<string, unknown>

/**
 * The rows one transaction wrote and has to stamp with its commit.
 *
 * Spanner fills a commit timestamp only where a statement asks for it, and then refuses to read that column (on the
 * service: that table) for the rest of the transaction, which reads its own writes. So every write on such a table also
 * returns its keys, and the stamps are the transaction's last statements. A row that is gone by then is not there to
 * be stamped.
 */
export function commitStamps(tables: ReadonlyMap<string, StampedTable>): {
  /** The statement as it has to run, and what takes the keys out of its rows again. */
  prepare<Result>(statement: Statement<Result>): { sql: string; settle(rows: readonly Row[]): Row[] }
  /** The statements that end the transaction. */
  statements(): Statement<unknown>[]
} {
  const touched = new Map<string, { stamped: StampedTable; key: readonly string[] }>()

  return {
    prepare({ sql }) {
      const stamped = tables.get(WRITES.exec(sql)?.groups?.['table'] ?? '')
      if (stamped === undefined) return { sql, settle: rows => [...rows] }
      const own = /\breturning\b/i.test(sql.replaceAll(QUOTED, '""'))
      const riders = stamped.key.map((column, index) => `"${column}" as "${RIDER}${index}"`).join(', ')
      return {
        sql: `${sql}${own ? ', ' : ' returning '}${riders}`,
        settle: rows => {
          for (const row of rows) {
            const key = stamped.key.map((_, index) => String(row[`${RIDER}${index}`]))
            touched.set(JSON.stringify([stamped.table, ...key]), { stamped, key })
          }
          return own ? rows.map(withoutRiders) : []
        },
      }
    },
    statements: () => [...touched.values()].map(({ stamped, key }) => stampStatement(stamped, key)),
  }
}

function withoutRiders(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(RIDER)))
}

/** Keys travel as text: the engine takes text for numbers just as well. */
function stampStatement({ table, column, key: columns }: StampedTable, key: readonly string[]): Statement<unknown> {
  const where = columns.map((name, index) => `"${name}" = $${index + 1}`).join(' and ')
  return {
    name: `commit-stamp.${table}`,
    sql: `update "${table}" set "${column}" = spanner.pending_commit_timestamp() where ${where}`,
    parameters: key,
  }
}
