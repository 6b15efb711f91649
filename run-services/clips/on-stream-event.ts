import { rfc3339 } from '#shared/domain/clock.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { firstTime } from '#shared/service/inbox.ts'
import type { WakeableJob } from '#shared/service/job-store.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import type { PushedEvent } from '#shared/service/push-routes.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { measureDraft, picksDraft } from './highlight-drafts.ts'
import { decidedAfterMs } from './highlights/highlight-picks.ts'
import { rulesOf } from './rules-of.ts'
import { listStretch } from './signals-queries.ts'
import { blockOf, type SegmentRun, signalsRuns } from './signals-runs.ts'
import { getSourceStream, lastSegment } from './source-queries.ts'

type StreamEvent = PushedEvent<'clips--streams'>
type Show = { streamId: string; creatorId: string }

const CONSUMER = 'clips--streams'

/**
 * Asks for what a show's news call for, once per event: measuring when a stretch of segments is whole or the show is
 * over, picking when somebody marked a moment and what comes after it exists.
 */
export async function onStreamEvent(deps: ClipsDeps, event: StreamEvent): Promise<void> {
  const blocks = await blocksToMeasure(deps, event)
  const marked = event.type === 'marker.added' || event.type === 'cue.sent'
  if (blocks.length === 0 && !marked) return
  const show = { streamId: event.data.stream_id, creatorId: event.data.creator_id }
  const wakes = await deps.database.transaction(async tx => {
    if (!(await firstTime(tx, event.id, CONSUMER))) return []
    if (!marked) return measure(tx, deps, show, blocks)
    return [await pickLater(tx, deps, show, event.id, event.data.at_ms)]
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
