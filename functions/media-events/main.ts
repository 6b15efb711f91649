import { Refusal } from '#shared/domain/refusal.ts'
import { pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { oidcCallers } from '#shared/service/oidc-caller.ts'
import { serveService } from '#shared/service/serve-service.ts'
import { createMediaEvents } from './app.ts'
import { mediaEventsSettings } from './settings.ts'

process.exitCode = await cloudProcess('media-events', mediaEventsSettings, process, async parts => {
  const { settings, log, life } = parts
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
  await serveService(app, parts, {})
})
process.exit()
