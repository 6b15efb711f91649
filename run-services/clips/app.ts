import { pageCursors } from '#shared/service/page-cursor.ts'
import { jobPages } from '#shared/service/job-pages.ts'
import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import { type ClipsDeps, SOURCE } from './clips-deps.ts'

export type ClipsAppDeps = ClipsDeps & Omit<ServiceAppOptions, 'service'>

/** The clips service: public routes, pushes, tasks and the worker's protocol. */
export function createClips(deps: ClipsAppDeps): ServiceApp {
  const { log, verifyUser, verifyService, drain, rateLimit, jobs, queue } = deps
  const app = serviceApp({
    service: SOURCE,
    log,
    verifyUser,
    verifyService,
    drain,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  })
  jobPages(app, { jobs, queue, cursors: pageCursors(deps.keys.cursors) })
  return app
}
