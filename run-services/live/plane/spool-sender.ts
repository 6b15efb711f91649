import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import { providerEvent } from '#shared/domain/provider-event.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import type { Log } from '#shared/service/log.ts'
import { signedPost } from '#shared/service/signed-post.ts'
import { pause } from '#shared/service/pause.ts'
import type { EventSpool, SpooledEvent } from './event-spool.ts'
import { retryDelayMs } from './retry-delay.ts'

/** The service that hears provider events. */
const AUDIENCE = 'media-events'
/** Channels told about at the same time. */
const CONCURRENT_MAX = 8
const POST_TIMEOUT_MS = 10_000
/** An event the other side calls malformed this often is set aside; anything else is retried for ever. */
const MALFORMED_ATTEMPTS_MAX = 5
const MALFORMED_STATUSES = new Set([400, 413, 415, 422])

type SenderDeps = {
  spool: EventSpool
  /** Push route of the `media-events--provider` subscription. */
  url: URL
  /** A signed bearer token for calls of that audience. */
  sign: (audience: string) => Promise<string>
  now: Clock
  random: () => number
  log: Log
  signal: AbortSignal
}

/**
 * Tells the control plane every spooled event, in order per channel, until it acknowledges: at least once, whoever dies.
 * Resolves when the signal aborts and nothing is under way any more.
 */
export async function sendSpool(deps: SenderDeps): Promise<void> {
  const ready = new Set<string>()
  const busy = new Set<string>()
  const attempts = new Map<string, number>()
  let wake = () => {}

  deps.spool.onWaiting(ref => {
    ready.add(ref)
    wake()
  })

  async function tell(ref: string): Promise<void> {
    busy.add(ref)
    try {
      for (let entry = deps.spool.head(ref); entry !== undefined; entry = deps.spool.head(ref)) {
        const attempt = (attempts.get(ref) ?? 0) + 1
        attempts.set(ref, attempt)
        const problem = await told(deps, entry, attempt)
        if (problem === undefined) attempts.delete(ref)
        else await pause(retryDelayMs(attempt, deps.random), deps.signal)
        if (deps.signal.aborted) return
      }
      attempts.delete(ref)
    } finally {
      busy.delete(ref)
      if (deps.spool.head(ref) !== undefined) ready.add(ref)
      wake()
    }
  }

  deps.signal.addEventListener('abort', () => wake(), { once: true })
  const running = new Set<Promise<void>>()
  while (!deps.signal.aborted) {
    const free = [...ready].filter(ref => !busy.has(ref)).slice(0, CONCURRENT_MAX - busy.size)
    for (const ref of free) {
      ready.delete(ref)
      const run: Promise<void> = tell(ref)
        .catch((error: unknown) => deps.log.error({ err: error, channel_ref: ref }, 'spool: telling failed'))
        .finally(() => running.delete(run))
      running.add(run)
    }
    await new Promise<void>(resolve => {
      wake = resolve
      const startable = [...ready].some(ref => !busy.has(ref)) && busy.size < CONCURRENT_MAX
      if (startable || deps.signal.aborted) resolve()
    })
  }
  await Promise.allSettled(running)
}

/** Posts one event; undefined when it is done with, else what went wrong. */
async function told(deps: SenderDeps, entry: SpooledEvent, attempt: number): Promise<string | undefined> {
  try {
    const text = await deps.spool.read(entry)
    if (text === undefined) {
      await deps.spool.acknowledge(entry)
      return undefined
    }
    const event = readEvent(text)
    if (event === undefined) {
      deps.log.error({ key: entry.key }, 'spool: an object that is no provider event is set aside')
      await deps.spool.bury(entry)
      return undefined
    }
    const status = await post(deps, entry, event, attempt)
    if (status >= 200 && status < 300) {
      await deps.spool.acknowledge(entry)
      return undefined
    }
    if (MALFORMED_STATUSES.has(status) && attempt >= MALFORMED_ATTEMPTS_MAX) {
      deps.log.error({ key: entry.key, status }, 'spool: an event is refused as malformed and is set aside')
      await deps.spool.bury(entry)
      return undefined
    }
    return `status ${status}`
  } catch (error) {
    if (attempt === 1) deps.log.warn({ err: error, key: entry.key }, 'spool: the control plane does not answer')
    return String(error)
  }
}

function readEvent(text: string): ProviderEvent | undefined {
  try {
    return providerEvent.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

async function post(deps: SenderDeps, entry: SpooledEvent, event: ProviderEvent, attempt: number): Promise<number> {
  const envelope: PushEnvelope = {
    message: {
      messageId: event.id,
      publishTime: rfc3339(deps.now()),
      orderingKey: entry.ref,
      attributes: { source: event.source, 'detail-type': event['detail-type'] },
      data: Buffer.from(JSON.stringify(event)).toString('base64'),
    },
    subscription: 'media-events--provider',
    deliveryAttempt: attempt,
  }
  const outcome = await signedPost({
    url: deps.url.href,
    audience: AUDIENCE,
    sign: deps.sign,
    headers: event.traceparent === undefined ? {} : { traceparent: event.traceparent },
    body: JSON.stringify(envelope),
    timeoutMs: POST_TIMEOUT_MS,
    signal: deps.signal,
  })
  if (outcome.kind !== 'answered') throw new Error(outcome.reason)
  return outcome.status
}
