import { createMediaEvents } from '#functions/media-events/app.ts'
import { createCanaries } from '#run-services/canary/app.ts'
import { createChannels } from '#run-services/channels/app.ts'
import { createClips, cuttingOf } from '#run-services/clips/app.ts'
import { createFeed } from '#run-services/feed/app.ts'
import { createWeb } from '#run-services/web/app.ts'
import { readPageBundle } from '#run-services/web/page-bundle.ts'
import { shareFactsFrom } from '#run-services/web/share-facts-from.ts'
import { planeLiveChannels } from '#shared/ports/live-channels/plane-live-channels.ts'
import { healthRoutes } from '#shared/service/health-routes.ts'
import type { Log } from '#shared/service/log.ts'
import { docsRoutes, openApiDocument } from '#shared/service/openapi.ts'
import { serviceApp } from '#shared/service/service-app.ts'
import type { ControlParts } from './control-parts.ts'
import { issuerRoutes } from './issuer/issuer-routes.ts'
import type { controlSettings } from './settings.ts'

type ControlSettings = ReturnType<typeof controlSettings.read>
type Options = {
  settings: ControlSettings
  parts: ControlParts
  log: Log
  drain: AbortSignal
  metrics: () => Promise<string>
}

/** Every service of the control process as its deps ask for, with what its own loops need. */
export async function controlServices({ settings, parts, log, drain, metrics }: Options) {
  const { calls, secrets, database, bus, queue, store, jobs, now, random, verifyUser, verifyService } = parts
  const common = { verifyUser, verifyService, drain }
  const { rateLimit, broadcast } = parts
  const channelsDeps = {
    ...common,
    rateLimit,
    database,
    plane: planeLiveChannels({ url: settings.planeUrl, sign: calls.sign, caller: 'channels' }),
    store,
    queue,
    jobs,
    log: log.child({ service: 'channels' }),
    now,
    random,
    keys: {
      cursors: await secrets.get('cursors'),
      sealing: await secrets.get('sealing'),
      streamKeys: await secrets.get('stream-keys'),
      playbackTokens: await secrets.get('playback-tokens'),
    },
    settings: { mediaUrl: settings.mediaUrl, reconcileS: settings.reconcileS },
  }
  const channels = createChannels(channelsDeps)
  const keys = { cursors: channelsDeps.keys.cursors, sealing: channelsDeps.keys.sealing }
  const rows = { ...common, rateLimit, database, now, random, keys }
  const clipsDeps = {
    ...rows,
    broadcast,
    store,
    queue,
    jobs,
    log: log.child({ service: 'clips' }),
    settings: { mediaUrl: settings.mediaUrl, originUrl: settings.originUrl, sweepS: settings.sweepS },
    cutting: cuttingOf({ store }),
  }
  const clips = createClips(clipsDeps)
  const feed = createFeed({
    ...rows,
    log: log.child({ service: 'feed' }),
    settings: { mediaUrl: settings.mediaUrl, publicUrl: settings.publicUrl },
  })
  const canaries = createCanaries({ ...rows, log: log.child({ service: 'canaries' }) })
  const mediaEvents = createMediaEvents({ ...common, bus, log: log.child({ service: 'media-events' }) })
  const operations = serviceApp({ ...common, service: 'control', log })
  healthRoutes(operations, {
    checks: { database: () => database.ping(), plane: () => answers(new URL('/readyz', settings.planeUrl)) },
    facts: { service: 'control' },
    metrics,
    drain,
  })
  issuerRoutes(operations, parts.issuer)
  docsRoutes(operations, () => openApiDocument(channels, clips, feed, canaries))
  const web = createWeb({
    bundle: await readPageBundle(settings.pagesDir),
    mediaOrigins: [settings.mediaUrl.origin],
    devTokens: true,
    shareFacts: shareFactsFrom(new URL(`http://127.0.0.1:${settings.port}`)),
  })
  return { channels, clips, feed, canaries, mediaEvents, operations, web, channelsDeps, clipsDeps }
}

export type ControlServices = Awaited<ReturnType<typeof controlServices>>

async function answers(url: URL): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}.`)
}
