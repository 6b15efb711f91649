import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import { providerEvent } from '#shared/domain/provider-event.ts'
import type { Reports } from '#shared/ports/reports/reports.ts'
import type { Log } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'
import type { EventSpool, SpooledEvent } from './event-spool.ts'
import { retryDelayMs } from './retry-delay.ts'

/** Channels told about at the same time. */
const CONCURRENT_MAX = 8
/** An event the other side calls malformed this often is set aside; anything else is retried for ever. */
const MALFORMED_ATTEMPTS_MAX = 5

type SenderDeps = {
  spool: EventSpool
  reports: Reports
  random: () => number
  log: Log
  signal: AbortSignal
}

/**
 * Tells the control plane every spooled event, in order per channel, until it is taken: at least once, whoever dies.
 * Resolves when the signal aborts and nothing is under way any more.
 */
export async function sendSpool(deps: SenderDeps): Promise<void> {
  const ready = new Set<string>()
  const busy = new Set<string>()
  const attempts = new Map<string, number>()
  let wake = () => {}
  const waiting = (ref: string) => deps.spool.heads(ref, deps.reports.eventsMax)

  deps.spool.onWaiting(ref => {
    ready.add(ref)
    wake()
  })

  async function tell(ref: string): Promise<void> {
    busy.add(ref)
    try {
      for (let entries = waiting(ref); entries.length > 0; entries = waiting(ref)) {
        const attempt = (attempts.get(ref) ?? 0) + 1
        attempts.set(ref, attempt)
        if (await told(deps, entries, attempt)) attempts.delete(ref)
        else await pause(retryDelayMs(attempt, deps.random), deps.signal)
        if (deps.signal.aborted) return
      }
      attempts.delete(ref)
    } finally {
      busy.delete(ref)
      if (waiting(ref).length > 0) ready.add(ref)
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

type ReadEntry = { entry: SpooledEvent; event: ProviderEvent }

/** Tells some events of one channel; whether all of them are done with. */
async function told(deps: SenderDeps, entries: readonly SpooledEvent[], attempt: number): Promise<boolean> {
  try {
    const readable = await readAll(deps, entries)
    if (readable.length === 0) return true
    const events = readable.map(({ event }) => event)
    const verdicts = await deps.reports.tell(events, { attempt, signal: deps.signal })
    const by = (verdict: string) => readable.filter((_, index) => verdicts[index] === verdict).map(({ entry }) => entry)
    const taken = by('taken')
    await deps.spool.acknowledge(taken)
    const buried = attempt < MALFORMED_ATTEMPTS_MAX ? [] : by('refused')
    for (const entry of buried) {
      deps.log.error({ key: entry.key }, 'spool: an event is refused as malformed and is set aside')
      await deps.spool.bury(entry)
    }
    return taken.length + buried.length === readable.length
  } catch (error) {
    if (attempt === 1) deps.log.warn({ err: error, key: entries[0]?.key }, 'spool: the control plane does not answer')
    return false
  }
}

/** What the entries hold; those that another process has told meanwhile, or that are no events, are done with here. */
async function readAll(deps: SenderDeps, entries: readonly SpooledEvent[]): Promise<ReadEntry[]> {
  const texts = await Promise.all(entries.map(async entry => ({ entry, text: await deps.spool.read(entry) })))
  await deps.spool.acknowledge(texts.filter(({ text }) => text === undefined).map(({ entry }) => entry))
  const readable: ReadEntry[] = []
  for (const { entry, text } of texts) {
    const event = text === undefined ? undefined : readEvent(text)
    if (event !== undefined) readable.push({ entry, event })
    else if (text !== undefined) {
      deps.log.error({ key: entry.key }, 'spool: an object that is no provider event is set aside')
      await deps.spool.bury(entry)
    }
  }
  return readable
}

function readEvent(text: string): ProviderEvent | undefined {
  try {
    return providerEvent.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
