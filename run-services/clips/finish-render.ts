import { z } from 'zod'
import type { Transaction } from '#shared/ports/database/database.ts'
import type { Job, WakeableJob } from '#shared/service/job-store.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { renderResult } from './render-job.ts'

/** What a promotion is told: the render whose files are to be shown. */
export const promoteInput = z.strictObject({ render_job: z.string() })

/** Asks for the promotion of what was rendered; until then nothing of it is shown. */
export async function finishRender(
  tx: Transaction,
  deps: Pick<ClipsDeps, 'jobs'>,
  job: Job,
  raw: unknown,
): Promise<WakeableJob[]> {
  renderResult.parse(raw)
  const input: z.input<typeof promoteInput> = { render_job: job.jobId }
  const owner = job.ownerId === undefined ? {} : { ownerId: job.ownerId }
  return [
    await deps.jobs.add(tx, {
      kind: 'promote-clip',
      subjectId: job.subjectId,
      ...owner,
      recipe: `promote-1 ${job.jobId} ${job.leaseToken}`,
      input,
    }),
  ]
}
