import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { signedPost } from '#shared/service/signed-post.ts'
import type { Reports, ReportVerdict } from './reports.ts'

export type HttpReportsOptions = {
  /** Push route of the `media-events--provider` subscription. */
  url: URL
  /** A signed bearer token for calls of that audience. */
  sign: (audience: string) => Promise<string>
  now: Clock
}

/** The service that hears provider events. */
const AUDIENCE = 'media-events'
const SUBSCRIPTION = 'media-events--provider'
const POST_TIMEOUT_MS = 10_000
const MALFORMED_STATUSES = new Set([400, 413, 415, 422])

/** Reports to `media-events` itself, one push each, in order: the hand-off of one machine. */
export function httpReports(options: HttpReportsOptions): Reports {
  return {
    eventsMax: 1,
    async tell(events, { attempt, signal }) {
      const verdicts: ReportVerdict[] = []
      for (const event of events) verdicts.push(verdictOf(await push(options, event, attempt, signal)))
      return verdicts
    },
  }
}

function verdictOf(status: number): ReportVerdict {
  if (status >= 200 && status < 300) return 'taken'
  return MALFORMED_STATUSES.has(status) ? 'refused' : 'later'
}

async function push(
  { url, sign, now }: HttpReportsOptions,
  event: ProviderEvent,
  attempt: number,
  signal: AbortSignal,
): Promise<number> {
  const envelope: PushEnvelope = {
    message: {
      messageId: event.id,
      publishTime: rfc3339(now()),
      orderingKey: event.resources[0],
      attributes: { source: event.source, 'detail-type': event['detail-type'] },
      data: Buffer.from(JSON.stringify(event)).toString('base64'),
    },
    subscription: SUBSCRIPTION,
    deliveryAttempt: attempt,
  }
  const outcome = await signedPost({
    url: url.href,
    audience: AUDIENCE,
    sign,
    headers: event.traceparent === undefined ? {} : { traceparent: event.traceparent },
    body: JSON.stringify(envelope),
    timeoutMs: POST_TIMEOUT_MS,
    signal,
  })
  if (outcome.kind !== 'answered') throw new Error(outcome.reason)
  return outcome.status
}
