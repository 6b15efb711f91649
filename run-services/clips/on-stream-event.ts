import { rfc3339 } from '#shared/domain/clock.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { firstTime } from '#shared/service/inbox.ts'
import type { WakeableJob } from '#shared/service/job-store.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import type { PushedEvent } from '#shared/service/push-routes.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { cutDraft } from './cut-waiting.ts'
import { measureDraft, picksDraft } from './highlight-drafts.ts'
import { decidedAfterMs } from './highlights/highlight-picks.ts'
import { zeroOf } from './prepare-measure.ts'
import { isRecordedShow } from './is-media-coming.ts'
import { rulesOf } from './rules-of.ts'
import { listStretch } from './signals-queries.ts'
import { blockOf, type SegmentRun, signalsRuns } from './signals-runs.ts'
import { getSourceStream, lastSegment } from './source-queries.ts'
import { listWaiting } from './waiting-queries.ts'

type StreamEvent = PushedEvent<'clips--streams'>
type Show = { streamId: string; creatorId: string }
type WaitingClip = { clip_id: string; creator_id: string }

const CONSUMER = 'clips--streams'
/** Waiting clips that one segment is told of; the next one tells the others. */
const WAITING_MAX = 100

/**
 * Asks for what a show's news call for, once per event: measuring when a stretch of segments is whole or the show is
 * over, picking when somebody marked a moment and what comes after it exists, cutting when a clip waited for it.
 */
export async function onStreamEvent(deps: ClipsDeps, event: StreamEvent): Promise<void> {
  const blocks = await blocksToMeasure(deps, event)
  const marked = event.type === 'marker.added' || event.type === 'cue.sent'
  const waiting = await waitingFor(deps, event)
  if (blocks.length === 0 && waiting.length === 0 && !marked) return
  const show = { streamId: event.data.stream_id, creatorId: event.data.creator_id }
  const wakes = await deps.database.transaction(async tx => {
    if (!(await firstTime(tx, event.id, CONSUMER))) return []
    if (marked) return [await pickLater(tx, deps, show, event.id, event.data.at_ms)]
    return [...(await cutNow(tx, deps, waiting, event.id)), ...(await measure(tx, deps, show, blocks))]
  })
  await jobWakes(deps.queue, deps.log).send(wakes)
}

/** Blocks of segments that the event made whole, as far as they will ever be. */
async function blocksToMeasure({ database }: ClipsDeps, event: StreamEvent): Promise<SegmentRun[]> {
  if (event.type === 'segment.finalized') {
    const { seq } = event.data.segment
    const block = blockOf(seq)
    if (seq === block.toSeq) return [block]
    const [stream] = await database.read(getSourceStream(event.data.stream_id))
    // What is found after the end is measured with what is there of its block.
    if (stream?.ended_at != null) return [block]
    // The last of a block may never come: the first of the next says that the block is over.
    return seq === block.fromSeq && seq > 0 ? [blockOf(seq - 1)] : []
  }
  if (event.type !== 'stream.ended') return []
  const [last] = await database.read(lastSegment(event.data.stream_id))
  return last === undefined ? [] : [blockOf(last.seq)]
}

/** Clips that may be whole with the segment. */
async function waitingFor({ database }: ClipsDeps, event: StreamEvent): Promise<WaitingClip[]> {
  if (event.type !== 'segment.finalized') return []
  const { stream_id: streamId, playback_id: showId, segment } = event.data
  if (!isRecordedShow({ provider_stream_id: showId })) return []
  const [stream] = await database.read(getSourceStream(streamId))
  if (stream === undefined) return []
  const untilMs = Date.parse(segment.pdt) + segment.duration_ms - zeroOf(stream)
  return database.read(listWaiting(streamId, Math.ceil(untilMs) + 1, WAITING_MAX))
}

async function cutNow(
  tx: Transaction,
  { jobs }: ClipsDeps,
  waiting: readonly WaitingClip[],
  eventId: string,
): Promise<WakeableJob[]> {
  const wakes: WakeableJob[] = []
  for (const clip of waiting) wakes.push(await jobs.add(tx, cutDraft(clip, eventId)))
  return wakes
}

async function measure(
  tx: Transaction,
  { jobs }: ClipsDeps,
  show: Show,
  blocks: readonly SegmentRun[],
): Promise<WakeableJob[]> {
  const wakes: WakeableJob[] = []
  for (const { fromSeq, toSeq } of blocks) {
    for (const run of signalsRuns(await tx.read(listStretch(show.streamId, fromSeq, toSeq)))) {
      const job = await jobs.add(tx, measureDraft(show, run))
      if (job.added) wakes.push(job)
    }
  }
  return wakes
}

async function pickLater(
  tx: Transaction,
  deps: ClipsDeps,
  show: Show,
  eventId: string,
  atMs: number,
): Promise<WakeableJob> {
  const { rules } = await rulesOf(tx, show.creatorId)
  const [stream] = await tx.read(getSourceStream(show.streamId))
  const placedMs = Date.parse(stream?.started_at ?? rfc3339(deps.now())) + atMs
  const decidedMs = Math.max(deps.now(), placedMs + decidedAfterMs(rules))
  const input = { at_ms: atMs, marked: true, round: 0 }
  return deps.jobs.add(tx, picksDraft(show, eventId, input, rfc3339(decidedMs)))
}
