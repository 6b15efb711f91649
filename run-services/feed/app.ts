import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import { type FeedDeps, SOURCE } from './feed-deps.ts'

export type FeedAppDeps = FeedDeps & Omit<ServiceAppOptions, 'service'>

/** The feed service: feed, search, related clips and share links. */
export function createFeed(deps: FeedAppDeps): ServiceApp {
  const { log, verifyUser, verifyService, drain, rateLimit } = deps
  return serviceApp({
    service: SOURCE,
    log,
    verifyUser,
    verifyService,
    drain,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  })
}
