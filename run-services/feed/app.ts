import { pushRoutes } from '#shared/service/push-routes.ts'
import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import { type FeedDeps, SOURCE } from './feed-deps.ts'
import { feedRoutes } from './feed-routes.ts'
import { onClipChanged } from './on-clip-changed.ts'

export type FeedAppDeps = FeedDeps & Omit<ServiceAppOptions, 'service'>

/** The feed service: feed, search, related clips and share links. */
export function createFeed(deps: FeedAppDeps): ServiceApp {
  const { log, verifyUser, verifyService, drain, rateLimit } = deps
  const app = serviceApp({
    service: SOURCE,
    log,
    verifyUser,
    verifyService,
    drain,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  })
  feedRoutes(app, deps)
  pushRoutes(app, 'feed--clips', event => onClipChanged(deps, event))
  return app
}
