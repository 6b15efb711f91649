import { Refusal } from '#shared/domain/refusal.ts'
import { pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { healthRoutes } from '#shared/service/health-routes.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { DRAIN_MS } from '#shared/service/lifetime.ts'
import { oidcCallers } from '#shared/service/oidc-caller.ts'
import { createMediaEvents } from './app.ts'
import { mediaEventsSettings } from './settings.ts'

process.exitCode = await cloudProcess('media-events', mediaEventsSettings, process, async parts => {
  const { settings, log, life, telemetry } = parts
  const { project: projectId, pubsubEmulator, callsIssuer: issuer, callsKeys: jwks, pushSigner } = settings
  const emulated = pubsubEmulator !== ''
  const endpoint = emulated ? pubsubEmulator : `${settings.region}-pubsub.googleapis.com:443`
  const app = createMediaEvents({
    bus: parts.parts.use(pubsubEventBus({ projectId, endpoint, emulated })),
    log,
    verifyService: oidcCallers({ issuer, jwks, callers: new Map([[pushSigner, 'bus']]), now: Date.now }),
    verifyUser: () => Promise.reject(new Refusal('auth.invalid', { detail: 'This service serves no people.' })),
    drain: life.signal,
  })
  healthRoutes(app, {
    checks: {},
    facts: { service: 'media-events' },
    metrics: () => telemetry.metricsText(),
    drain: life.signal,
  })
  const { port } = settings
  const server = await serveHttp({ fetch: app.fetch, port, host: '0.0.0.0', log, name: 'pushes', setting: 'PORT' })
  life.onDrain(() => server.drain(DRAIN_MS))
})
process.exit()
