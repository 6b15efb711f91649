import type { RawEvent } from '#shared/domain/raw-event.ts'
import type { BusMessage, EventBus } from '#shared/ports/event-bus/event-bus.ts'
import { pushRoutes } from '#shared/service/push-routes.ts'
import { type ServiceApp, serviceApp, type ServiceAppOptions } from '#shared/service/service-app.ts'
import { currentTraceparent } from '#shared/service/trace.ts'
import { typedEvent } from './typed-event.ts'

export type MediaEventsDeps = Pick<ServiceAppOptions, 'log' | 'verifyUser' | 'verifyService' | 'drain'> & {
  bus: EventBus
}

/**
 * Provider events in, typed media events out: a raw event is acknowledged once its typed event is durable on the bus. It
 * keeps nothing; a raw event that comes again gives the same event again, and consumers dedupe on its id.
 */
export function createMediaEvents(deps: MediaEventsDeps): ServiceApp {
  const app = serviceApp({ ...deps, service: 'media-events' })
  pushRoutes(app, 'media-events--provider', async (raw, context) => {
    const message = messageOf(raw)
    if (message !== undefined) await deps.bus.publish('media-events', [message], context.signal)
  })
  return app
}

function messageOf(raw: RawEvent): BusMessage | undefined {
  const typed = typedEvent(raw)
  if (typed === undefined) return undefined
  const traceparent = raw.traceparent ?? currentTraceparent()
  const event = { ...typed, ...(traceparent === undefined ? {} : { traceparent }) }
  return {
    id: event.id,
    orderingKey: event.partitionkey,
    attributes: { type: event.type, source: event.source },
    data: JSON.stringify(event),
  }
}
