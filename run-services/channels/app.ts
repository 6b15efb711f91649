import { idempotency } from '#shared/service/idempotency.ts'
import { jobRoutes } from '#shared/service/job-routes.ts'
import type { Job, WakeableJob } from '#shared/service/job-store.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
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
import { owns } from './own-channel.ts'
import { prepareArchive } from './prepare-archive.ts'
import { getStream } from './stream-queries.ts'
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

/** The worker's protocol; jobs that a result asks for are woken when it is committed. */
function archiveRoutes(app: ServiceApp, deps: ChannelsDeps): void {
  const { jobs, queue } = deps
  const wakes = jobWakes(queue, deps.log)
  const asked = new Map<string, readonly WakeableJob[]>()
  jobRoutes(app, {
    queue,
    jobs: {
      ...jobs,
      finish: async (jobId, ...rest) => {
        try {
          await jobs.finish(jobId, ...rest)
          await wakes.send(asked.get(jobId) ?? [])
        } finally {
          asked.delete(jobId)
        }
      },
    },
    prepare: { 'archive-stream': job => prepareArchive(deps, job) },
    finish: {
      'archive-stream': async (tx, job, result) => {
        asked.set(job.jobId, await finishArchive(tx, deps, job, result))
      },
    },
    owns: async (principal, job: Job) => {
      const [stream] = await deps.database.read(getStream(job.subjectId))
      return stream !== undefined && owns(principal, stream.creator_id)
    },
  })
}
