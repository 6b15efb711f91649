import type { TypedResponse } from 'hono'
import { commitOnce } from '#shared/service/commit-once.ts'
import type { PageCursors } from '#shared/service/page-cursor.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { callerOf } from './caller-of.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { clipsContract } from './contract.ts'
import { presentQueued } from './present-queued.ts'
import type { QueuedClip } from './review-answer.ts'
import { reviewClip } from './review-clip.ts'
import { reviewQueue } from './review-queue.ts'

/** Review: what waits for a person, and the person's verdict. */
export function reviewRoutes(app: ServiceApp, deps: ClipsDeps, { cursors }: { cursors: PageCursors }): void {
  const commit = commitOnce({ database: deps.database, sealingKey: deps.keys.sealing, now: deps.now })

  app.openapi(clipsContract.listReviewQueue, async c =>
    c.json(await reviewQueue(deps, cursors, callerOf(c.get('principal')), c.req.valid('query')), 200),
  )

  app.openapi(clipsContract.reviewClip, async c => {
    const { id } = c.req.valid('param')
    const verdict = c.req.valid('json')
    const caller = callerOf(c.get('principal'))
    const answer = await commit(c, async tx => {
      const clip = await reviewClip(tx, deps, caller, id, verdict)
      const [body] = await presentQueued({ ...deps, database: tx }, caller, [clip])
      return { status: 201, body }
    })
    return answer as Response & TypedResponse<QueuedClip, 201, 'json'>
  })
}
