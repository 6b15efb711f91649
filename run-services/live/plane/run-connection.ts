import type { MediaFacts } from '#shared/domain/provider-event.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import type { Log } from '#shared/service/log.ts'
import type { Publication, PublishEnd } from '../borders.ts'
import type { Source } from '../ingest/read-source.ts'
import type { PublicationEncoding } from '../ladder/encode-publication.ts'
import type { ChannelRecord } from './channel-records.ts'
import type { CoreBudget } from './core-budget.ts'
import type { KeptShow } from './kept-show.ts'
import { PLANE_COUNTERS } from './plane-metrics.ts'
import type { PlaneParts } from './plane-parts.ts'

/** One publisher connection as the plane follows it. */
export type Connection = {
  readonly publication: Publication
  readonly connectedAtMs: number
  media: MediaFacts | undefined
  plan: LadderPlan | undefined
  encoding: PublicationEncoding | undefined
  /** What of its traffic the counters know already. */
  counted: { bytes: number; droppedGops: number }
  /** Resolves when nothing of the connection runs any more. */
  readonly over: Promise<void>
  /** Stops the connection's work whatever the publisher does. */
  readonly stop: AbortController
}

export type ConnectionDeps = {
  parts: PlaneParts
  budget: CoreBudget
  log: Log
  traceparent(): string | undefined
  /** The show the connection is to be part of: the waiting one, or a new one; undefined when the channel is another's. */
  takeShow(): Promise<KeptShow | undefined>
}

type ConnectionEnd = { show: KeptShow | undefined; reason: PublishEnd | 'encoder-failed' }

/**
 * Turns one publisher's bytes into an epoch of a show, until they end; gives the show and why it ended, or undefined for
 * the show when it never came so far. Throws only when the show cannot be opened.
 */
export async function runConnection(
  deps: ConnectionDeps,
  connection: Connection,
  channel: ChannelRecord,
): Promise<ConnectionEnd> {
  const { publication } = connection
  const source = await deps.parts.readSource(publication.tags)
  if (source.kind === 'rejected') {
    const end = await drop(publication, source.sentence)
    return { show: undefined, reason: source.end === 'gone' ? end : source.end }
  }
  connection.media = source.facts
  if (!deps.budget.hasRoom()) {
    return { show: undefined, reason: await drop(publication, 'This server has no room for another stream now.') }
  }
  const { plan, cores } = deps.parts.plan(source.facts, channel.settings, deps.budget)
  deps.budget.book(channel.ref, cores)
  try {
    connection.plan = plan
    const show = await deps.takeShow()
    if (show === undefined) return { show, reason: await drop(publication, 'This channel is already live.') }
    return { show, reason: await encode(deps, connection, show, source, plan) }
  } finally {
    deps.budget.release(channel.ref)
  }
}

async function encode(
  deps: ConnectionDeps,
  connection: Connection,
  show: KeptShow,
  source: Source,
  plan: LadderPlan,
): Promise<ConnectionEnd['reason']> {
  const { publication, stop } = connection
  const traceparent = deps.traceparent()
  const encoding = deps.parts.encode({
    tags: source.tags,
    plan,
    signal: AbortSignal.any([stop.signal, show.lease.lost]),
    openSink(encoder, firstFrameAtMs) {
      const epoch = show.lease.takeEpoch()
      if (encoder === 0) show.connected(epoch, publication, source.facts, traceparent)
      else PLANE_COUNTERS.encoderRestarts.add(1)
      return show.show.openEpoch(epoch, plan, () => firstFrameAtMs)
    },
  })
  connection.encoding = encoding
  const { reason, sentence } = await encoding.ended
  if (reason === 'source-ended') return publication.ended
  deps.log.warn({ channel_ref: publication.channelRef, reason, sentence }, 'encoder: ended before its publisher')
  const end = await drop(publication, sentence)
  return reason === 'encoder-failed' ? reason : end
}

function drop(publication: Publication, sentence: string): Promise<PublishEnd> {
  publication.drop(sentence)
  return publication.ended
}
