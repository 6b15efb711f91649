import type { Statement } from '#shared/ports/database/named-query.ts'
import { plainSql, type TableEngine } from '#shared/ports/database/table-engine.ts'

type PlanNode = {
  'Node Type': string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: PlanNode[]
}

/** Rows that PostgreSQL fetched from tables and indexes for a statement, those it threw away included. */
export async function rowsRead(database: TableEngine, { name, sql, parameters }: Statement<unknown>): Promise<number> {
  const explain = plainSql<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
    `test.explain ${name}`,
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
    parameters,
  )
  const [row] = (await database.execute(explain)).rows
  const [plan] = row?.['QUERY PLAN'] ?? []
  if (plan === undefined) throw new Error('PostgreSQL gave no plan.')
  return scanned(plan.Plan)
}

function scanned(node: PlanNode): number {
  const below = (node.Plans ?? []).reduce((sum, child) => sum + scanned(child), 0)
  if (!node['Node Type'].endsWith('Scan') || node['Node Type'] === 'Subquery Scan') return below
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  return below + (node['Actual Rows'] + removed) * node['Actual Loops']
}
