import { idempotency } from '#shared/service/idempotency.ts'
import { jobRoutes } from '#shared/service/job-routes.ts'
import { pageCursors } from '#shared/service/page-cursor.ts'
import { pushRoutes } from '#shared/service/push-routes.ts'
import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import { taskRoutes } from '#shared/service/task-routes.ts'
import { channelRoutes } from './channel-routes.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { closeReconnectWindow } from './close-reconnect-window.ts'
import { finishArchive } from './finish-archive.ts'
import { healthSeries } from './health-series.ts'
import { onMediaEvent } from './on-media-event.ts'
import { onJobDead } from './on-job-dead.ts'
import { onStreamEnded } from './on-stream-ended.ts'
import { prepareArchive } from './prepare-archive.ts'
import { streamRoutes } from './stream-routes.ts'

export type ChannelsAppDeps = ChannelsDeps &
  Pick<ServiceAppOptions, 'verifyUser' | 'verifyService' | 'drain' | 'rateLimit'>

/** Creators, channels, stream keys and the life of shows: public routes, pushes, tasks and the worker's protocol. */
export function createChannels(deps: ChannelsAppDeps): ServiceApp {
  const { log, verifyUser, verifyService, drain, rateLimit } = deps
  const app = serviceApp({
    service: 'channels',
    log,
    verifyUser,
    verifyService,
    drain,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  })
  const { database, now, jobs, queue } = deps
  const series = healthSeries()
  const parts = {
    cursors: pageCursors(deps.keys.cursors),
    once: idempotency({ database, sealingKey: deps.keys.sealing, now }),
    series,
  }
  channelRoutes(app, deps, parts)
  streamRoutes(app, deps, parts)
  pushRoutes(app, 'channels--media', event => onMediaEvent(deps, series, event))
  pushRoutes(app, 'channels--streams', event => onStreamEnded(deps, event))
  pushRoutes(app, 'channels--jobs', event => onJobDead(deps, event))
  taskRoutes(app, 'close-reconnect-window', async job => closeReconnectWindow(deps, job), { jobs, queue })
  archiveRoutes(app, deps)
  return app
}

/** The worker's protocol: a verification is prepared with signed URLs and ends in the show's row. */
function archiveRoutes(app: ServiceApp, deps: ChannelsDeps): void {
  jobRoutes(app, {
    service: 'channels',
    queue: deps.queue,
    jobs: deps.jobs,
    prepare: { 'archive-stream': job => prepareArchive(deps, job) },
    finish: { 'archive-stream': (tx, job, result) => finishArchive(tx, deps, job, result) },
  })
}
