import type { z } from 'zod'
import { move, STREAM_MOVES, type StreamState } from '#shared/domain/state-machine.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import type { Job, WakeableJob } from '#shared/service/job-store.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { streamFacts } from './apply-fact.ts'
import { type archiveInput, archiveResult, type ArchiveResult } from './archive-job.ts'
import { SOURCE, type ChannelsDeps } from './channels-deps.ts'
import { archiveFacts } from './present-stream.ts'
import { getStream, setStreamArchive, type StreamRow } from './stream-queries.ts'

/** Lost segments kept on the row of a show. */
const LOST_MAX = 1_000

type ArchiveFacts = { segments: number; bytes: number; lost: number[]; next_seq: number }

/**
 * Takes a part's verification into the show's row; after the last part the show is archived. A show of which something
 * was lost is archived with its losses named, for the rest plays; one of which nothing is left has failed.
 */
export async function finishArchive(
  tx: Transaction,
  deps: ChannelsDeps,
  job: Job,
  raw: unknown,
): Promise<WakeableJob[]> {
  const result = archiveResult.parse(raw)
  const [stream] = await tx.read(getStream(job.subjectId))
  if (stream === undefined || stream.state === 'archived' || stream.state === 'failed') return []
  const facts = add(stream, result)
  if (result.go_on !== null) {
    await tx.write(
      setStreamArchive(stream.stream_id, { state: stream.state, archive: json(facts), reason: stream.reason }),
    )
    const next = archivePart(stream.stream_id, stream.creator_id, result.go_on)
    return [await deps.jobs.add(tx, next)]
  }
  await settle(tx, deps, stream, facts)
  return []
}

/** The job that verifies a show from that segment on; a further `round` begins when all attempts of the one before failed. */
export function archivePart(streamId: string, ownerId: string, fromSeq: number, round = 0) {
  return {
    kind: 'archive-stream' as const,
    subjectId: streamId,
    ownerId,
    recipe: `verify-1 ${fromSeq} ${round}`,
    input: { from_seq: fromSeq, round } satisfies z.input<typeof archiveInput>,
  }
}

function add(stream: StreamRow, result: ArchiveResult): ArchiveFacts {
  const known = archiveFacts.safeParse(stream.archive)
  const before = known.success ? known.data : { segments: 0, bytes: 0, lost: [], next_seq: 0 }
  const lost = new Set([...before.lost, ...result.absent, ...result.lost.map(({ seq }) => seq)])
  return {
    segments: before.segments + result.segments,
    bytes: before.bytes + result.bytes,
    lost: [...lost].sort((a, b) => a - b).slice(0, LOST_MAX),
    next_seq: result.next_seq,
  }
}

async function settle(tx: Transaction, deps: ChannelsDeps, stream: StreamRow, facts: ArchiveFacts): Promise<void> {
  if (facts.lost.length > 0 && facts.bytes === 0) return failStream(tx, deps, stream, 'recording-lost', facts)
  const state = move<StreamState>(STREAM_MOVES, 'stream', stream.state, 'archived')
  await tx.write(setStreamArchive(stream.stream_id, { state, archive: json(facts), reason: stream.reason }))
  const data = { ...factsOf(stream), segments: facts.segments }
  await appendEvent(tx, { ...eventBase(stream), type: 'stream.archived', data }, deps)
}

/** The show's recording is given up, for that reason. */
export async function failStream(
  tx: Transaction,
  deps: Pick<ChannelsDeps, 'now' | 'random'>,
  stream: StreamRow,
  reason: string,
  archive: unknown,
): Promise<void> {
  const state = move<StreamState>(STREAM_MOVES, 'stream', stream.state, 'failed')
  await tx.write(setStreamArchive(stream.stream_id, { state, archive: json(archive), reason }))
  await appendEvent(tx, { ...eventBase(stream), type: 'stream.failed', data: { ...factsOf(stream), reason } }, deps)
}

function factsOf(stream: StreamRow) {
  return streamFacts(stream, stream.stream_id, stream.provider_stream_id ?? '', stream.epoch)
}

function eventBase(stream: StreamRow) {
  return { source: SOURCE, subject: stream.stream_id, epoch: stream.epoch }
}
