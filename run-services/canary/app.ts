import { pageCursors } from '#shared/service/page-cursor.ts'
import { pushRoutes } from '#shared/service/push-routes.ts'
import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import type { CanaryDeps } from './canary-deps.ts'
import { canaryContract } from './contract.ts'
import { endRun } from './end-run.ts'
import { listRuns } from './list-runs.ts'
import { onShowReported, onShowStarted } from './on-show-seen.ts'
import { readRun } from './read-run.ts'
import { startRun } from './start-run.ts'

/** The service of the synthetic shows: keeps their runs, and what the system was seen to do with them. */
export function createCanaries(deps: CanaryDeps & Omit<ServiceAppOptions, 'service'>): ServiceApp {
  const { log, verifyUser, verifyService, drain, rateLimit } = deps
  const app = serviceApp({
    service: 'canaries',
    log,
    verifyUser,
    verifyService,
    drain,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  })
  const cursors = pageCursors(deps.keys.cursors)
  const routes = canaryContract
  app.openapi(routes.listCanaries, async c => c.json(await listRuns(deps, cursors, c.req.valid('query')), 200))
  app.openapi(routes.startCanary, async c => c.json(await startRun(deps, c.get('principal'), c.req.valid('json')), 201))
  app.openapi(routes.getCanary, async c => c.json(await readRun(deps, c.req.valid('param').id), 200))
  app.openapi(routes.endCanary, async c =>
    c.json(await endRun(deps, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  pushRoutes(app, 'canaries--media', (event, context) => onShowReported(deps, event, context))
  pushRoutes(app, 'canaries--streams', (event, context) => onShowStarted(deps, event, context))
  return app
}
