import type { EventOf } from '#shared/domain/domain-event.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { INFERRED_PROTOCOL, type StreamFact } from './stream-life.ts'

/** Longest reason that is kept, in characters. */
const REASON_MAX = 64

/** What the plane's report of a connection or a show's end says. */
export function providerFact(event: EventOf<'provider.stream_state'>): StreamFact {
  const { change, epoch, provider_time, protocol, media, reason } = event.data
  const at = rfc3339(Date.parse(provider_time))
  switch (change) {
    case 'started':
      return { kind: 'started', epoch, at, protocol: protocol ?? INFERRED_PROTOCOL, media: media ?? null }
    case 'stopped':
      return { kind: 'stopped', epoch, at, reason: (reason ?? 'disconnected').slice(0, REASON_MAX) }
    case 'session-ended':
    default:
      return { kind: 'over', epoch, at, reason: (reason ?? 'session-ended').slice(0, REASON_MAX) }
  }
}
