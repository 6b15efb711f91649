import type { Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { CANARY_MARKS, type CanaryHop, type Plane } from '#shared/domain/canary.ts'
import type { CanaryAnswer } from '../canary-answer.ts'
import { canaryChannel } from './canary-channel.ts'
import { clipHops, type OnHop } from './clip-hops.ts'
import { eventHops } from './event-hops.ts'
import { makeMarkedFootage, type MarkedFootage, type Workshop } from './marked-footage.ts'
import { type FootagePublication, publishFootage } from './publish-footage.ts'
import type { LedgerAnswer, StreamAnswer } from './show-answers.ts'
import type { ShowClient } from './show-client.ts'
import { runFolder } from '#shared/service/run-folder.ts'
import { untilSeen } from './until-seen.ts'
import { watchHops } from './watch-hops.ts'
import { watchShow } from './watch-show.ts'

export type SyntheticShowOptions = {
  client: ShowClient
  sandbox: Sandbox
  route: string
  plane: Plane
  /** Length of the footage, in s. */
  showS: number
  /** Longest from the first to the last hop, in s. */
  withinS: number
  now: () => number
  onHop: OnHop
  signal: AbortSignal
}

const LOOK_EVERY_MS = 200
const FAILURE_CHARACTERS_MAX = 480

/**
 * Publishes one marked show, watches it, clips it and finds the clip in the feed; every hop is told as it is timed and kept
 * with the run, whose verdict this gives. A hop that does not come is the run's failure. Throws only when the run itself
 * cannot be kept.
 */
export async function syntheticShow(options: SyntheticShowOptions): Promise<CanaryAnswer> {
  const { client, route, plane, sandbox, showS } = options
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.withinS * 1_000)])
  await using folder = await runFolder('canary')
  const workshop = { sandbox, directory: folder.out, signal }
  const hops: Partial<Record<CanaryHop, number>> = {}
  const onHop: OnHop = (hop, ms) => {
    hops[hop] = Math.round(ms)
    options.onHop(hop, Math.round(ms))
  }
  const footage = await makeMarkedFootage(workshop, showS)
  await using channel = await canaryChannel(client, route)
  const run = await client.startRun({ route, plane, channel_id: channel.id })
  const failure = await seenThrough({ ...options, onHop }, workshop, footage, { run, channel })
  return await client.endRun(run.id, { hops, ...(failure === undefined ? {} : { failure }) })
}

type Place = { run: CanaryAnswer; channel: { id: string; publishUrl: string } }

/** Why the show was not seen through, one line; undefined when it was. */
async function seenThrough(
  options: SyntheticShowOptions,
  workshop: Workshop,
  footage: MarkedFootage,
  place: Place,
): Promise<string | undefined> {
  try {
    await using publication = await publishFootage(footage, place.channel.publishUrl, options.now)
    options.onHop('ingest', publication.ingestMs)
    await followShow(options, workshop, publication, place)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return (
      reason
        .replaceAll(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, FAILURE_CHARACTERS_MAX) || 'unknown'
    )
  }
}

async function followShow(
  { client, now, onHop }: SyntheticShowOptions,
  workshop: Workshop,
  publication: FootagePublication,
  { run, channel }: Place,
): Promise<void> {
  const timing = { everyMs: LOOK_EVERY_MS, signal: workshop.signal }
  const stream = await untilSeen(
    'The show',
    async () => {
      const { data } = await client.ask<{ data: StreamAnswer[] }>('GET', `/v1/streams?channel=${channel.id}&state=live`)
      return data.find(({ state }) => state === 'live')
    },
    timing,
  )
  try {
    const marks = await untilSeen(
      'What the events tell of the show',
      async () => {
        const seen = (await client.readRun(run.id)).marks
        return CANARY_MARKS.every(mark => seen[mark] !== undefined) ? seen : undefined
      },
      timing,
    )
    for (const [hop, ms] of Object.entries(eventHops(publication.acceptedMs, marks))) onHop(hop as CanaryHop, ms)

    const watched = await watchShow({ hlsUrl: stream.playback.hls_url, now, signal: workshop.signal })
    const { hops, lastSentMs } = await watchHops(workshop, watched, frame => publication.sentAtMs(frame))
    for (const [hop, ms] of Object.entries(hops)) onHop(hop as CanaryHop, ms)

    const storedMs = await untilSeen(
      'The segment in the store',
      async () => {
        const { stored } = await client.ask<LedgerAnswer>('GET', `/v1/streams/${stream.id}/ledger`)
        return stored > watched.sequence ? now() : undefined
      },
      timing,
    )
    onHop('stored', Math.max(0, storedMs - lastSentMs))
    await clipHops({ client, workshop, streamId: stream.id, now, onHop })
  } finally {
    await client.ask('PUT', `/v1/streams/${stream.id}/complete`)
  }
}
