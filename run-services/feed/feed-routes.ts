import type { TypedResponse } from 'hono'
import { commitOnce } from '#shared/service/commit-once.ts'
import { pageCursors } from '#shared/service/page-cursor.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { feedContract } from './contract.ts'
import type { ShareAnswer } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { listFeed } from './list-feed.ts'
import { readShare } from './read-share.ts'
import { relatedClips } from './related-clips.ts'
import { searchFeed } from './search-feed.ts'
import { shareItem } from './share-item.ts'
import { visitShare } from './visit-share.ts'

/** The feed, related clips, search and links. */
export function feedRoutes(app: ServiceApp, deps: FeedDeps): void {
  const cursors = pageCursors(deps.keys.cursors)
  const commit = commitOnce({ database: deps.database, sealingKey: deps.keys.sealing, now: deps.now })
  const routes = feedContract

  app.openapi(routes.getFeed, async c => {
    const principal = c.get('principal')
    const isCanary = principal.kind === 'user' && principal.roles.includes('canary')
    return c.json(await listFeed(deps, cursors, c.req.valid('query'), isCanary ? 'with' : 'without'), 200)
  })

  app.openapi(routes.getRelated, async c => c.json(await relatedClips(deps, cursors, c.req.valid('query')), 200))

  app.openapi(routes.search, async c => c.json(await searchFeed(deps, cursors, c.req.valid('query')), 200))

  app.openapi(routes.share, async c => {
    const body = c.req.valid('json')
    const answer = await commit(c, async tx => ({
      status: 201,
      body: await shareItem(tx, deps, c.get('principal'), body),
    }))
    return answer as Response & TypedResponse<ShareAnswer, 201, 'json'>
  })

  app.openapi(routes.getShare, async c =>
    c.json(await readShare(deps.database, deps.settings, c.req.valid('param').id), 200),
  )

  app.openapi(routes.visitShare, async c =>
    c.json(await visitShare(deps, c.get('principal'), c.req.valid('param').id), 200),
  )
}
