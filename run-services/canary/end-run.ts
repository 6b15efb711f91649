import type { z } from '@hono/zod-openapi'
import { judgeHops, runVerdict } from '#shared/domain/canary.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { json } from '#shared/ports/database/named-query.ts'
import type { CanaryAnswer, endCanaryBody } from './canary-answer.ts'
import type { CanaryDeps } from './canary-deps.ts'
import { endRun as writeEnd } from './canary-queries.ts'
import { readRun } from './read-run.ts'

/** Judges a run by what was timed; the first verdict stays, however often one is told. Throws `resource.missing`. */
export async function endRun(
  deps: CanaryDeps,
  runId: string,
  { hops: timed, failure }: z.output<typeof endCanaryBody>,
): Promise<CanaryAnswer> {
  const { plane } = await readRun(deps, runId)
  const hops = judgeHops(plane, timed)
  const state = runVerdict(hops, failure)
  const end = { state, failure: failure ?? null, ended_at: rfc3339(deps.now()), hops: json(hops) }
  await deps.database.transaction(async tx => await tx.write(writeEnd(runId, end)))
  return await readRun(deps, runId)
}
