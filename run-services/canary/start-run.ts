import type { z } from '@hono/zod-openapi'
import { rfc3339 } from '#shared/domain/clock.ts'
import { newId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { CanaryAnswer, startCanaryBody } from './canary-answer.ts'
import type { CanaryDeps } from './canary-deps.ts'
import { channelOwner, getRun, insertRun } from './canary-queries.ts'
import { presentRuns } from './present-runs.ts'

/** Keeps a new run of the caller's own channel. Throws `resource.missing` for a channel of somebody else. */
export async function startRun(
  deps: CanaryDeps,
  principal: Principal,
  { route, plane, channel_id }: z.output<typeof startCanaryBody>,
): Promise<CanaryAnswer> {
  const runId = newId('canaryRun', deps.random)
  const rows = await deps.database.transaction(async tx => {
    const [channel] = await tx.read(channelOwner(channel_id))
    if (principal.kind !== 'user' || channel?.creator_id !== principal.id) {
      throw new Refusal('resource.missing', { detail: 'There is no such channel of yours.', param: '/channel_id' })
    }
    const started_at = rfc3339(deps.now())
    await tx.write(insertRun({ run_id: runId, route, plane, channel_id, state: 'running', started_at }))
    return tx.read(getRun(runId))
  })
  const [answer] = await presentRuns(deps.database, deps.now, rows)
  if (answer === undefined) throw new Error('A run that was just made is not there.')
  return answer
}
