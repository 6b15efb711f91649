import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '#shared/domain/clock.ts'
import type { RandomBytes } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { Reports } from '#shared/ports/reports/reports.ts'
import { healthRoutes } from '#shared/service/health-routes.ts'
import type { Log } from '#shared/service/log.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { serviceApp } from '#shared/service/service-app.ts'
import type { VerifyService } from '#shared/service/service-call.ts'
import { currentTraceparent, inTrace } from '#shared/service/trace.ts'
import type { Admit, Publication } from './borders.ts'
import { admitPublisher } from './plane/admit-publisher.ts'
import { type ChannelLeases, channelLeases } from './plane/channel-leases.ts'
import type { ChannelRecords } from './plane/channel-records.ts'
import { channelRecords } from './plane/channel-records.ts'
import type { CoreBudget } from './plane/core-budget.ts'
import { drainPlane } from './plane/drain-plane.ts'
import { EventSpool } from './plane/event-spool.ts'
import { keyLockout } from './plane/key-lockout.ts'
import type { LiveShows } from './plane/live-shows.ts'
import { liveShows } from './plane/live-shows.ts'
import { planeMetrics } from './plane/plane-metrics.ts'
import type { PlaneParts } from './plane/plane-parts.ts'
import { planeRoutes } from './plane/plane-routes.ts'
import { restoreShows } from './plane/restore-shows.ts'
import { type ShowPlaces, showPlaces } from './plane/show-places.ts'
import { sendSpool } from './plane/spool-sender.ts'
import { streamKeys } from './plane/stream-key.ts'
import { watchShows } from './plane/watch-shows.ts'
import type { LiveSettings } from './settings.ts'

export type LiveDeps = {
  store: ObjectStore
  /** The secret `stream-keys`. */
  planeSecret: Uint8Array
  /** Who drives channels and keys. */
  verifyService: VerifyService
  reports: Reports
  parts: PlaneParts
  budget: CoreBudget
  settings: LiveSettings
  sandbox: Sandbox
  now: Clock
  random: RandomBytes
  log: Log
  metrics: () => Promise<string>
  /** Aborted when the process is to end. */
  drain: AbortSignal
}

export type Live = {
  /** Control API, health and metrics. */
  readonly app: ServiceApp
  /** Where another instance serves a playback id that is not here. */
  readonly elsewhere: (playbackId: string) => Promise<string | undefined>
  /** For the doors: decides on a stream key. Waits for `start`. */
  readonly admit: Admit
  /** For the doors: takes over an accepted publisher. */
  readonly publish: (publication: Publication) => void
  /** Takes up what an earlier process left behind, then lets publishers in. */
  start(): Promise<void>
  /** Lets publishers go, stores what is open, tells what can be told in that time; shows wait for the next process. */
  end(withinMs: number): Promise<void>
}

const TICK_MS = 1_000
/** How often shows and events of dead instances are looked for. */
const ADOPT_EVERY_MS = 30_000

/** The media plane: channels, keys and shows of one process, with its state in the object store alone. */
export function createLive(deps: LiveDeps): Live {
  const { store, settings, now, log, budget, drain } = deps
  const { owner, address, account, region } = settings
  /** Looking after shows ends before telling events does. */
  const watching = new AbortController()
  const stopped = new AbortController()
  const started = Promise.withResolvers<void>()
  const random = () => Buffer.from(deps.random(4)).readUInt32BE() / 2 ** 32
  const keys = streamKeys(deps.planeSecret)
  const records = channelRecords({ store, keys, now })
  const own = {
    owner,
    boot: Buffer.from(deps.random(8)).toString('hex'),
    ...(address === undefined ? {} : { address }),
  }
  const leases = channelLeases({ store, ...own, now })
  const places = address === undefined ? undefined : showPlaces({ store, leases, now })
  const spool = new EventSpool({ store, owner, now, random, signal: stopped.signal })
  const shows = liveShows({
    ...deps,
    place: { account, region },
    ...(places === undefined ? {} : { places }),
    records,
    leases,
    spool,
    inTrace: ownTrace,
    traceparent: currentTraceparent,
  })
  const admit = admitPublisher({ lockout: keyLockout(now), records, leases, keys, shows, budget, drain, now, log })
  const elsewhere = places === undefined ? undefined : { places, leases }
  const app = controlApp(deps, { records, shows, elsewhere, started: started.promise })
  planeMetrics({ shows, spool })

  const send = () => sendSpool({ spool, reports: deps.reports, random, log, signal: stopped.signal })

  async function watch(): Promise<void> {
    let adoptedAtMs = now()
    for (;;) {
      await pause(TICK_MS, undefined, { signal: watching.signal })
      await watchShows({ shows, records, spool, now, log })
      if (now() - adoptedAtMs < ADOPT_EVERY_MS || drain.aborted) continue
      adoptedAtMs = now()
      await adopt().catch((error: unknown) => log.warn({ err: error }, 'plane: could not look for orphans'))
    }
  }

  async function adopt(): Promise<void> {
    await spool.recover()
    // Every channel ever used has a lease; what is on the air somewhere has a place.
    await restoreShows({ leases, shows, log, ...(places === undefined ? {} : { among: await places.channels() }) })
  }

  let running: Promise<unknown> = Promise.resolve()
  return {
    app,
    elsewhere: async playbackId => (await places?.of(playbackId))?.media,
    admit: async (streamKey, address) => {
      await started.promise
      return admit(streamKey, address)
    },
    publish: publication => void shows.publish(publication),
    async start() {
      await adopt()
      running = Promise.allSettled([send(), watch()])
      started.resolve()
    },
    async end(withinMs) {
      watching.abort()
      await drainPlane({ shows, spool, log }, withinMs)
      stopped.abort()
      await running
    },
  }
}

function ownTrace<T>(name: string, attributes: Record<string, string>, work: () => Promise<T>): Promise<T> {
  return inTrace(undefined, name, attributes, work)
}

function controlApp(
  deps: LiveDeps,
  plane: {
    records: ChannelRecords
    shows: LiveShows
    elsewhere: { places: ShowPlaces; leases: ChannelLeases } | undefined
    started: Promise<void>
  },
): ServiceApp {
  const { log, drain, verifyService, parts, settings, sandbox, now, metrics } = deps
  const ingest = { rtmp_url: settings.rtmpUrl || `rtmp://localhost:${settings.rtmpPort}/live` }
  const app = serviceApp({
    service: 'live',
    log,
    drain,
    verifyService,
    verifyUser: () => Promise.reject(new Refusal('auth.invalid', { detail: 'The plane knows services only.' })),
  })
  const { records, shows, elsewhere } = plane
  planeRoutes(app, { records, shows, ...(elsewhere === undefined ? {} : { elsewhere }), parts, ingest, now })
  healthRoutes(app, {
    checks: { store: async () => void (await deps.store.head('plane/ready')), restored: () => plane.started },
    facts: { sandbox_level: sandbox.level, sandbox: sandbox.sentence },
    metrics,
    drain,
  })
  return app
}
