import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import type { CanaryAnswer } from './canary-answer.ts'
import type { CanaryDeps } from './canary-deps.ts'
import { type CanaryRow, listRuns as readRuns } from './canary-queries.ts'
import { presentRuns } from './present-runs.ts'

/** Later than any run. */
const FROM_NEWEST = '9999-12-31T23:59:59.999Z'
/** After any id in descending order. */
const LAST_ID = `cnry_${'z'.repeat(27)}`

type Query = { limit: number; cursor?: string | undefined; route?: string | undefined }

/** Runs, of one route or of all; newest first. */
export async function listRuns(
  { database, now }: CanaryDeps,
  cursors: PageCursors,
  { limit, cursor, route }: Query,
): Promise<Page<CanaryAnswer>> {
  const scope = `canaries ${route ?? ''}`
  const [time = FROM_NEWEST, id = LAST_ID] = cursor === undefined ? [] : cursors.open(cursor, scope).map(String)
  const rows = await database.read(readRuns(time, id, route, limit + 1))
  const cursorOf = (row: CanaryRow) => cursors.seal([row.started_at, row.run_id], scope)
  const shown = page(rows, limit, row => row, cursorOf)
  return { ...shown, data: await presentRuns(database, now, shown.data) }
}
