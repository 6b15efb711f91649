import { jobPages } from '#shared/service/job-pages.ts'
import { jobRoutes } from '#shared/service/job-routes.ts'
import { pageCursors } from '#shared/service/page-cursor.ts'
import { pushRoutes } from '#shared/service/push-routes.ts'
import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import { slots } from '#shared/service/slots.ts'
import { taskRoutes } from '#shared/service/task-routes.ts'
import { clipRoutes } from './clip-routes.ts'
import { type ClipsDeps, SOURCE } from './clips-deps.ts'
import { cutWaiting } from './cut-waiting.ts'
import { finishMeasure } from './finish-measure.ts'
import { finishRender } from './finish-render.ts'
import { highlightRoutes } from './highlight-routes.ts'
import type { Cutting } from './make-clip.ts'
import { onJobDead } from './on-job-dead.ts'
import { prepareMeasure } from './prepare-measure.ts'
import { prepareRender } from './prepare-render.ts'
import { promoteClip } from './promote-clip.ts'
import { purgeClip } from './purge-clip.ts'
import { reviewRoutes } from './review-routes.ts'
import { trackInits } from './track-inits.ts'

export type ClipsAppDeps = ClipsDeps & Omit<ServiceAppOptions, 'service'> & { cutting: Cutting }

/** Cuts at once: each holds its media in memory. */
const CUTS_AT_ONCE = 4
/** Requests that wait for a cut before more are refused. */
const CUTS_WAITING = 100

/** What makes cuts in one process; its requests and its loops share it. */
export function cuttingOf({ store }: Pick<ClipsDeps, 'store'>): Cutting {
  return { inits: trackInits(store), slots: slots(CUTS_AT_ONCE, CUTS_WAITING) }
}

/** The clips service: public routes, pushes, tasks and the worker's protocol. */
export function createClips(deps: ClipsAppDeps): ServiceApp {
  const { log, verifyUser, verifyService, drain, rateLimit, jobs, queue, cutting } = deps
  const app = serviceApp({
    service: SOURCE,
    log,
    verifyUser,
    verifyService,
    drain,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  })
  const cursors = pageCursors(deps.keys.cursors)
  clipRoutes(app, deps, { cutting, cursors, drain })
  highlightRoutes(app, deps, { cutting })
  reviewRoutes(app, deps, { cursors })
  jobPages(app, { jobs, queue, cursors })
  pushRoutes(app, 'clips--jobs', event => onJobDead(deps, event))
  taskRoutes(app, 'cut-clip', job => cutWaiting(deps, cutting, job), { jobs, queue })
  taskRoutes(app, 'promote-clip', job => promoteClip(deps, job), { jobs, queue })
  taskRoutes(app, 'purge-clip', (job, context) => purgeClip(deps, job, context), { jobs, queue })
  jobRoutes(app, {
    service: SOURCE,
    jobs,
    queue,
    prepare: {
      'render-clip': job => prepareRender(deps, job),
      'measure-stream': job => prepareMeasure(deps, job),
    },
    finish: {
      'render-clip': (tx, job, result) => finishRender(tx, deps, job, result),
      'measure-stream': (tx, job, result) => finishMeasure(tx, deps, job, result),
    },
  })
  return app
}
