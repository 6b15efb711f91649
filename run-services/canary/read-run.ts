import { Refusal } from '#shared/domain/refusal.ts'
import type { CanaryAnswer } from './canary-answer.ts'
import type { CanaryDeps } from './canary-deps.ts'
import { getRun } from './canary-queries.ts'
import { presentRuns } from './present-runs.ts'

/** One run. Throws `resource.missing`. */
export async function readRun({ database, now }: CanaryDeps, runId: string): Promise<CanaryAnswer> {
  const [run] = await presentRuns(database, now, await database.read(getRun(runId)))
  if (run === undefined) throw new Refusal('resource.missing', { detail: 'There is no such run.' })
  return run
}
